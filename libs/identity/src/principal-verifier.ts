import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { DomainError } from '#libs/errors';
import type { Principal } from './principal.js';
import { PRINCIPAL_TOKEN_LIFETIME, PRINCIPAL_TOKEN_TYPE } from './principal-tokens.js';
import { RemoteKeys } from './remote-keys.js';
import { ALGORITHM } from './signing-keys.js';

const CLOCK_TOLERANCE = 5;
const CACHE_SIZE = 10_000;

export interface VerifierOptions {
  /** The `aud` that tokens must carry: the name of this service. */
  readonly audience: string;
  /** Callers by `iss`, each with the address of its public keys. No other caller is believed. */
  readonly trustedCallers: ReadonlyMap<string, URL>;
}

interface Verified {
  readonly principal: Promise<Principal>;
  /** Whether the verdict still holds; while it is being made, everybody waits for the same one. */
  holds: () => boolean;
}

/**
 * Verifies principal tokens. Algorithm, type, audience, issuer and lifetime are fixed here; what a token says about
 * where its key is (jku, jwk, x5u) is never followed. Keys are those that the caller publishes: see {@link RemoteKeys}.
 * Verdicts are kept until the token expires or its key is published no longer.
 */
export class PrincipalVerifier {
  private readonly keys: ReadonlyMap<string, RemoteKeys>;
  private readonly cache = new Map<string, Verified>();

  constructor(private readonly options: VerifierOptions) {
    this.keys = new Map([...options.trustedCallers].map(([issuer, url]) => [issuer, new RemoteKeys(url)]));
  }

  /**
   * Who the token speaks for. Rejects with UNAUTHENTICATED when the token is not to be believed, and with
   * UPSTREAM_UNAVAILABLE when the caller's keys cannot be had.
   */
  verify(token: string): Promise<Principal> {
    const cached = this.cache.get(token);
    if (cached?.holds()) return cached.principal;
    const entry: Verified = { principal: this.check(token), holds: () => true };
    this.cache.set(token, entry);
    entry.principal.then(
      () => {
        entry.holds = this.conditionsOf(token);
      },
      () => this.cache.delete(token),
    );
    this.makeRoom();
    return entry.principal;
  }

  onApplicationShutdown(): void {
    for (const keys of this.keys.values()) keys.close();
  }

  private conditionsOf(token: string): () => boolean {
    const { iss = '', exp = 0 } = decodeJwt(token);
    const { kid } = decodeProtectedHeader(token);
    const keys = this.keys.get(iss);
    return () => exp * 1000 > Date.now() && keys?.has(kid) === true;
  }

  private async check(token: string): Promise<Principal> {
    try {
      const issuer = decodeJwt(token).iss ?? '';
      const keys = this.keys.get(issuer);
      if (!keys) throw new DomainError('UNAUTHENTICATED');
      const { payload } = await jwtVerify(token, keys.find, {
        algorithms: [ALGORITHM],
        typ: PRINCIPAL_TOKEN_TYPE,
        audience: this.options.audience,
        issuer,
        requiredClaims: ['sub', 'iat', 'exp'],
        maxTokenAge: PRINCIPAL_TOKEN_LIFETIME,
        clockTolerance: CLOCK_TOLERANCE,
      });
      return principalOf(payload, issuer);
    } catch (error) {
      throw refusal(error);
    }
  }

  private makeRoom(): void {
    if (this.cache.size <= CACHE_SIZE) return;
    const [oldest] = this.cache.keys();
    if (oldest !== undefined) this.cache.delete(oldest);
  }
}

function principalOf({ sub, iat = 0, exp = 0, scope, sid }: JWTPayload, issuer: string): Principal {
  const wrongSid = sid !== undefined && typeof sid !== 'string';
  if (!sub || exp - iat > PRINCIPAL_TOKEN_LIFETIME || typeof scope !== 'string' || wrongSid) {
    throw new DomainError('UNAUTHENTICATED');
  }
  const sessionId = typeof sid === 'string' ? sid : undefined;
  return { subject: sub, scopes: scope.split(' ').filter(Boolean), issuer, sessionId };
}

// What says that the keys were not to be had, rather than that the token is wrong.
const UNREACHABLE: ReadonlySet<string> = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

function refusal(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const tokenIsWrong = error instanceof errors.JOSEError && !UNREACHABLE.has(error.code);
  return new DomainError(tokenIsWrong ? 'UNAUTHENTICATED' : 'UPSTREAM_UNAVAILABLE', { cause: error });
}

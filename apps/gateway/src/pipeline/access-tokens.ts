import { createHash } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { DomainError } from '#libs/errors';
import { ALGORITHM } from '#libs/identity';
import type { Caller } from '../http/exchange.js';

const CLOCK_TOLERANCE_SECONDS = 5;
const CACHE_SIZE = 10_000;
const REFRESH_MS = 60_000;

export interface AccessTokenOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: URL;
}

/**
 * Verifies access tokens. Algorithm, type, issuer and audience are fixed; what a token says about where its key is (jku,
 * jwk, x5u) is never followed. The issuer's keys are read again every minute and for an unknown kid (at most every 5 s);
 * while the issuer is away the last ones hold. Verdicts are kept until the token expires.
 */
export class AccessTokens {
  private readonly keys: ReturnType<typeof createRemoteJWKSet>;
  private readonly verified = new Map<string, Caller>();
  private readonly refresh: NodeJS.Timeout;

  constructor(private readonly options: AccessTokenOptions) {
    this.keys = createRemoteJWKSet(options.jwksUrl, {
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: 5_000,
      timeoutDuration: 2_000,
    });
    this.refresh = setInterval(() => this.keys.reload().catch(() => {}), REFRESH_MS).unref();
  }

  /** Throws UNAUTHENTICATED, or UPSTREAM_UNAVAILABLE when the issuer's keys were never had. */
  async verify(token: string): Promise<Caller> {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.verified.get(hash);
    if (known && (known.expiresAt ?? 0) > Date.now()) return known;
    this.verified.delete(hash);
    const caller = callerOf(await this.check(token));
    this.verified.set(hash, caller);
    if (this.verified.size > CACHE_SIZE) {
      const [oldest] = this.verified.keys();
      if (oldest !== undefined) this.verified.delete(oldest);
    }
    return caller;
  }

  /** Says what is wrong when no token can be verified; for readiness. */
  async problem(): Promise<string | undefined> {
    if (this.keys.jwks()) return undefined;
    await this.keys.reload();
    return undefined;
  }

  onApplicationShutdown(): void {
    clearInterval(this.refresh);
  }

  private async check(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        algorithms: [ALGORITHM],
        typ: 'at+jwt',
        issuer: this.options.issuer,
        audience: this.options.audience,
        requiredClaims: ['sub', 'iat', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      return payload;
    } catch (error) {
      throw refusal(error);
    }
  }
}

function callerOf({ sub, exp, scope, sid }: JWTPayload): Caller {
  if (!sub || exp === undefined || typeof scope !== 'string') throw new DomainError('UNAUTHENTICATED');
  const sessionId = typeof sid === 'string' ? sid : undefined;
  return { subject: sub, scopes: scope.split(' ').filter(Boolean), sessionId, expiresAt: exp * 1000 };
}

// What says that the keys were not to be had, rather than that the token is wrong.
const UNREACHABLE: ReadonlySet<string> = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

function refusal(cause: unknown): DomainError {
  const tokenIsWrong = cause instanceof errors.JOSEError && !UNREACHABLE.has(cause.code);
  return new DomainError(tokenIsWrong ? 'UNAUTHENTICATED' : 'UPSTREAM_UNAVAILABLE', { cause });
}

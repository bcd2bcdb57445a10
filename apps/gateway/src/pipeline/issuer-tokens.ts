import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { DomainError } from '#libs/errors';
import { ANONYMOUS } from '#libs/identity';
import type { IssuerConfig } from '../config/issuer.js';
import type { Caller } from '../http/exchange.js';

const CLOCK_TOLERANCE_SECONDS = 5;
const CACHE_SIZE = 10_000;
const REFRESH_MS = 60_000;

type Fetch = (url: string, options?: { headers?: Headers; signal?: AbortSignal }) => Promise<Response>;

/**
 * The access tokens of one issuer. Algorithms, type and audience are fixed by the configuration; what a token says about
 * where its key is (jku, jwk, x5u) is never followed. Keys of a URL are read again every minute and for an unknown kid
 * (at most every 5 s); while the issuer is away the last ones hold. Verdicts are kept until the token expires.
 */
export class IssuerTokens {
  private readonly keys: JWTVerifyGetKey;
  private readonly remote: ReturnType<typeof createRemoteJWKSet> | undefined;
  private readonly refresh: NodeJS.Timeout | undefined;
  private readonly verified = new Map<string, Caller>();

  /** Throws when a file holds no key set. */
  constructor(
    private readonly config: IssuerConfig,
    fetch: Fetch,
  ) {
    if (!/^https?:/.test(config.jwks)) {
      this.keys = keySetIn(config.jwks);
      return;
    }
    const remote = createRemoteJWKSet(new URL(config.jwks), {
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: 5_000,
      timeoutDuration: 2_000,
      [customFetch]: fetch,
    });
    this.keys = remote;
    this.remote = remote;
    this.refresh = setInterval(() => remote.reload().catch(() => {}), REFRESH_MS).unref();
  }

  /** Throws UNAUTHENTICATED, or UPSTREAM_UNAVAILABLE when the issuer's keys were never had. */
  async verify(token: string): Promise<Caller> {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.verified.get(hash);
    if (known && (known.expiresAt ?? 0) > Date.now()) return known;
    this.verified.delete(hash);
    const caller = this.callerOf(await this.check(token));
    this.verified.set(hash, caller);
    if (this.verified.size > CACHE_SIZE) {
      const [oldest] = this.verified.keys();
      if (oldest !== undefined) this.verified.delete(oldest);
    }
    return caller;
  }

  /** Rejects when no key can be had. */
  async ready(): Promise<void> {
    if (this.remote && !this.remote.jwks()) await this.remote.reload();
  }

  close(): void {
    clearInterval(this.refresh);
  }

  private async check(token: string): Promise<JWTPayload> {
    const { algorithms, type, issuer, audience } = this.config;
    try {
      const { payload } = await jwtVerify(token, this.keys, {
        algorithms,
        ...(type !== 'any' && { typ: type }),
        issuer,
        audience,
        requiredClaims: ['sub', 'iat', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
      return payload;
    } catch (error) {
      throw refusal(error);
    }
  }

  private callerOf(payload: JWTPayload): Caller {
    const { sub = '', exp, sid } = payload;
    const scopes = scopesOf(payload[this.config.scopeClaim]);
    const subject = this.config.subjectPrefix + sub;
    // Subjects that no user has: nobody, and services that call by themselves.
    const isReserved = subject === ANONYMOUS || subject.startsWith('service:');
    if (sub === '' || exp === undefined || !scopes || isReserved) throw new DomainError('UNAUTHENTICATED');
    return { subject, scopes, sessionId: typeof sid === 'string' ? sid : undefined, expiresAt: exp * 1000 };
  }
}

/** A text with spaces (RFC 9068), a list, or no claim at all: then no scopes. */
function scopesOf(claim: unknown): string[] | undefined {
  if (claim === undefined) return [];
  if (typeof claim === 'string') return claim.split(' ').filter(Boolean);
  return Array.isArray(claim) && claim.every((scope) => typeof scope === 'string') ? claim : undefined;
}

/** The key set in a file. Throws when it is none. */
export function keySetIn(file: string): JWTVerifyGetKey {
  const keySet: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return createLocalJWKSet(keySet as JSONWebKeySet); // which refuses what is none
}

// What says that the keys were not to be had, rather than that the token is wrong.
const UNREACHABLE: ReadonlySet<string> = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']);

function refusal(cause: unknown): DomainError {
  const tokenIsWrong = cause instanceof errors.JOSEError && !UNREACHABLE.has(cause.code);
  return new DomainError(tokenIsWrong ? 'UNAUTHENTICATED' : 'UPSTREAM_UNAVAILABLE', { cause });
}

import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createLocalJWKSet,
  errors,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { DomainError } from '#libs/errors';
import { ANONYMOUS, RemoteKeys } from '#libs/identity';
import type { IssuerConfig } from '../config/issuer.js';
import type { Caller } from '../http/exchange.js';
import { CallerSession } from '../sessions/caller-session.js';
import type { EndedSessions } from '../sessions/ended-sessions.js';

const CLOCK_TOLERANCE_SECONDS = 5;
const CACHE_SIZE = 10_000;

interface Verdict {
  readonly caller: Caller;
  readonly kid: string | undefined;
}

export interface IssuerParts {
  readonly fetch: FetchImplementation;
  /** Where the issuer tells which sessions have ended. */
  readonly ended: EndedSessions | undefined;
}

/**
 * The access tokens of one issuer. Algorithms, type and audience are fixed by the configuration; what a token says about
 * where its key is (jku, jwk, x5u) is never followed. Keys of a URL are those that are published: see RemoteKeys. Verdicts
 * are kept until the token expires or its key is published no longer.
 */
export class IssuerTokens {
  private readonly keys: JWTVerifyGetKey;
  private readonly remote: RemoteKeys | undefined;
  private readonly verified = new Map<string, Verdict>();

  /** Throws when a file holds no key set. */
  constructor(
    private readonly config: IssuerConfig,
    private readonly parts: IssuerParts,
  ) {
    if (!/^https?:/.test(config.jwks)) {
      this.keys = keySetIn(config.jwks);
      return;
    }
    this.remote = new RemoteKeys(new URL(config.jwks), parts.fetch);
    this.keys = this.remote.find;
  }

  /** Whose token it is, where that was verified before and still holds. `digest` is {@link digestOf} the token. */
  known(digest: string): Caller | undefined {
    const verdict = this.verified.get(digest);
    if (verdict && this.holds(verdict)) return verdict.caller;
    if (verdict) this.verified.delete(digest);
    return undefined;
  }

  /** Throws UNAUTHENTICATED, or UPSTREAM_UNAVAILABLE when the issuer's keys were never had. */
  async verify(token: string): Promise<Caller> {
    const digest = digestOf(token);
    const known = this.known(digest);
    if (known) return known;
    const { payload, protectedHeader } = await this.check(token);
    const caller = this.callerOf(payload);
    this.verified.set(digest, { caller, kid: protectedHeader.kid });
    if (this.verified.size > CACHE_SIZE) {
      const [oldest] = this.verified.keys();
      if (oldest !== undefined) this.verified.delete(oldest);
    }
    return caller;
  }

  /** Rejects when no key can be had. */
  async ready(): Promise<void> {
    await this.remote?.ready();
  }

  close(): void {
    this.remote?.close();
  }

  private holds({ caller, kid }: Verdict): boolean {
    return (caller.expiresAt ?? 0) > Date.now() && (this.remote?.has(kid) ?? true);
  }

  private async check(token: string): Promise<JWTVerifyResult> {
    const { algorithms, type, issuer, audience } = this.config;
    try {
      return await jwtVerify(token, this.keys, {
        algorithms,
        ...(type !== 'any' && { typ: type }),
        issuer,
        audience,
        requiredClaims: ['sub', 'iat', 'exp'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
      });
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
    const sessionId = typeof sid === 'string' && sid !== '' ? sid : undefined;
    return { subject, scopes, sessionId, session: this.sessionOf(sessionId), expiresAt: exp * 1000 };
  }

  private sessionOf(id: string | undefined): CallerSession | undefined {
    const { endedSessions } = this.config;
    const { ended } = this.parts;
    if (!endedSessions || !ended) return undefined;
    // Nobody could ever end it.
    if (id === undefined) throw new DomainError('UNAUTHENTICATED');
    return new CallerSession(id, ended, endedSessions.staleAfterSeconds * 1000);
  }
}

/** What verdicts are kept under: no token lies in the memory for longer than its request. */
export const digestOf = (token: string): string => hash('sha256', token, 'base64');

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

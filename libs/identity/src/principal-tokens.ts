import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { ALGORITHM, type SigningKey, SigningKeys } from './signing-keys.js';

/** `typ` header of principal tokens: an access token can never pass for one. */
export const PRINCIPAL_TOKEN_TYPE = 'principal+jwt';
/** Longest life of a principal token in seconds; verifiers refuse more. */
export const PRINCIPAL_TOKEN_LIFETIME = 60;
// A token is handed out only while it lasts this long, so that it does not expire on its way.
const LEAST_REMAINING_MS = 20_000;
const CACHE_SIZE = 10_000;

/** For whom a caller calls. */
export interface CallFor {
  readonly subject: string;
  readonly scopes: readonly string[];
  /** The `sid` of the user's access token, where it has one. */
  readonly sessionId?: string | undefined;
}

interface Minted {
  readonly kid: string;
  readonly token: Promise<string>;
  /** What `token` has resolved with. */
  text?: string;
  readonly usableUntil: number;
}

/** Signs who a call is made for. Tokens are cached: a signature per call would cost more than the call. */
@Injectable()
export class PrincipalTokens {
  private readonly cache = new Map<string, Minted>();
  /** The last one by audience of callers that come again and again as the same object. */
  private readonly own = new WeakMap<CallFor, Map<string, Minted>>();

  /** `name` is the `iss` that services trust, e.g. `gateway`. */
  constructor(
    private readonly name: string,
    private readonly keys: SigningKeys,
  ) {}

  /** What {@link mint} resolves with, where it was minted before and nothing has to be waited for. */
  minted(callFor: CallFor, audience: string): string | undefined {
    const { known } = this.keys;
    if (!known) return undefined;
    const now = Date.now();
    const last = this.own.get(callFor)?.get(audience);
    if (last?.kid === known.kid && last.usableUntil > now) return last.text;
    const minted = this.cache.get(cacheKey(callFor, audience, known));
    if (minted?.text === undefined || minted.usableUntil <= now) return undefined;
    const own = this.own.get(callFor) ?? new Map<string, Minted>();
    this.own.set(callFor, own.set(audience, minted));
    return minted.text;
  }

  /** A token for calls to the service `audience`, valid for 20 to 60 s from now. */
  async mint(callFor: CallFor, audience: string): Promise<string> {
    const signingKey = await this.keys.current();
    const key = cacheKey(callFor, audience, signingKey);
    const cached = this.cache.get(key);
    if (cached && cached.usableUntil > Date.now()) return cached.token;
    const usableUntil = Date.now() + PRINCIPAL_TOKEN_LIFETIME * 1000 - LEAST_REMAINING_MS;
    const token = this.sign(callFor, audience, signingKey);
    const minted: Minted = { kid: signingKey.kid, token, usableUntil };
    this.remember(key, minted);
    minted.token.then(
      (text) => {
        minted.text = text;
      },
      () => {
        if (this.cache.get(key) === minted) this.cache.delete(key);
      },
    );
    return minted.token;
  }

  private async sign(callFor: CallFor, audience: string, { kid, privateKey }: SigningKey): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const { sessionId: sid } = callFor;
    return new SignJWT({ scope: callFor.scopes.join(' '), ...(sid !== undefined && { sid }) })
      .setProtectedHeader({ alg: ALGORITHM, typ: PRINCIPAL_TOKEN_TYPE, kid })
      .setIssuer(this.name)
      .setAudience(audience)
      .setSubject(callFor.subject)
      .setIssuedAt(now)
      .setExpirationTime(now + PRINCIPAL_TOKEN_LIFETIME)
      .sign(privateKey);
  }

  private remember(key: string, minted: Minted): void {
    this.cache.delete(key);
    this.cache.set(key, minted);
    if (this.cache.size <= CACHE_SIZE) return;
    const [oldest] = this.cache.keys();
    if (oldest !== undefined) this.cache.delete(oldest);
  }
}

/** By kid too: a token of a key that may be withdrawn soon is not used again. */
function cacheKey({ subject, sessionId, scopes }: CallFor, audience: string, { kid }: SigningKey): string {
  return JSON.stringify([kid, audience, subject, sessionId ?? null, ...scopes]);
}

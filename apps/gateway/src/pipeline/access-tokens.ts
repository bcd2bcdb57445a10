import { readFileSync } from 'node:fs';
import { decodeJwt } from 'jose';
import { DomainError } from '#libs/errors';
import type { IssuerConfig } from '../config/issuer.js';
import { isUrl } from '../gateway-config.js';
import type { Caller } from '../http/exchange.js';
import { guardedFetch } from '../outgoing/guarded-fetch.js';
import type { OutgoingRules } from '../outgoing/outgoing-rules.js';
import type { SessionFeeds } from '../sessions/session-feeds.js';
import { digestOf, IssuerTokens } from './issuer-tokens.js';

/** Verifies access tokens of every issuer that the configuration names; a key is only ever looked for at its issuer's. */
export class AccessTokens {
  /** By `iss`. */
  private issuers: ReadonlyMap<string, { tokens: IssuerTokens; identity: string }> = new Map();

  constructor(
    private readonly rules: () => OutgoingRules,
    private readonly feeds: SessionFeeds,
  ) {}

  /** Believes these issuers from now on. Keys and verdicts of those that have not changed are kept. */
  use(configs: readonly IssuerConfig[]): void {
    const before = this.issuers;
    const fetch = guardedFetch(this.rules);
    this.feeds.use(configs);
    this.issuers = new Map(
      configs.map((config) => {
        const identity = identityOf(config);
        const known = before.get(config.issuer);
        if (known?.identity === identity) return [config.issuer, known];
        return [config.issuer, { identity, tokens: new IssuerTokens(config, { fetch, ended: this.feeds.of(config) }) }];
      }),
    );
    const kept = new Set([...this.issuers.values()].map(({ tokens }) => tokens));
    for (const { tokens } of before.values()) if (!kept.has(tokens)) tokens.close();
  }

  /** What {@link verify} resolves with, where that is known already; undefined also where it is going to throw. */
  known(token: string): Caller | undefined {
    const digest = digestOf(token);
    for (const { tokens } of this.issuers.values()) {
      const caller = tokens.known(digest);
      if (caller) return caller.session?.isOpen === false ? undefined : caller;
    }
    return undefined;
  }

  /**
   * Throws UNAUTHENTICATED, also for a token that was good until its session ended; UPSTREAM_UNAVAILABLE when the issuer's
   * keys were never had, SESSIONS_UNKNOWN when nothing was ever heard of its sessions.
   */
  async verify(token: string): Promise<Caller> {
    const issuer = this.issuers.get(issuerOf(token));
    if (!issuer) throw new DomainError('UNAUTHENTICATED');
    const caller = await issuer.tokens.verify(token);
    caller.session?.check();
    return caller;
  }

  /** Says whose tokens cannot be verified; for readiness. */
  async problem(): Promise<string | undefined> {
    await Promise.all([...this.issuers.values()].map(({ tokens }) => tokens.ready()));
    return undefined;
  }

  onApplicationShutdown(): void {
    for (const { tokens } of this.issuers.values()) tokens.close();
  }
}

/** Changes with all that verdicts depend on, the content of a file of keys included. */
function identityOf(config: IssuerConfig): string {
  return JSON.stringify([config, isUrl(config.jwks) ? '' : readFileSync(config.jwks, 'utf8')]);
}

/** Who a token says it is from: only to choose whose keys it is held against. */
function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch (cause) {
    throw new DomainError('UNAUTHENTICATED', { cause });
  }
}

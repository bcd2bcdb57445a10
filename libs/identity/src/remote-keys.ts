import { createRemoteJWKSet, customFetch, type FetchImplementation, type JWTVerifyGetKey } from 'jose';

const REREAD_MS = 10_000;

/**
 * The public keys that somebody publishes at a URL (RFC 7517). Read at first use, every 10 s from then on, and for an
 * unknown kid (at most every 5 s). While the publisher is away the last ones hold.
 */
export class RemoteKeys {
  private readonly published: ReturnType<typeof createRemoteJWKSet>;
  private timer: NodeJS.Timeout | undefined;

  constructor(url: URL, fetch?: FetchImplementation) {
    this.published = createRemoteJWKSet(url, {
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: 5_000,
      timeoutDuration: 2_000,
      ...(fetch && { [customFetch]: fetch }),
    });
  }

  /** Finds the key of a token, for jose. */
  readonly find: JWTVerifyGetKey = (header, token) => {
    // While the publisher is away the last keys hold; the next reading makes up for this one.
    this.timer ??= setInterval(() => this.published.reload().catch(() => {}), REREAD_MS).unref();
    return this.published(header, token);
  };

  /** False for a key that is not published any more: what it has signed is worth nothing from then on. */
  has(kid: string | undefined): boolean {
    return this.published.jwks()?.keys.some((key) => key.kid === kid) ?? false;
  }

  /** Rejects while no keys can be had. */
  async ready(): Promise<void> {
    if (!this.published.jwks()) await this.published.reload();
  }

  close(): void {
    clearInterval(this.timer);
  }
}

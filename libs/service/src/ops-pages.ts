import { isIP } from 'node:net';

type Render = () => Promise<string>;

/**
 * HTML pages for people on the internal listener of an app, beside its health checks. They load nothing, run no scripts,
 * and are answered only to who calls the listener by a loopback name or a bare IP address: a web page elsewhere cannot
 * have them read by pointing its own name here (DNS rebinding).
 */
export class OpsPages {
  private readonly pages = new Map<string, Render>();

  /** @throws when there is a page at this path already */
  add(path: string, render: Render): void {
    if (this.pages.has(path)) throw new Error(`There are two pages at ${path}`);
    this.pages.set(path, render);
  }

  /** The page at this path, for a request with this Host header. */
  find(path: string, host: string | undefined): Render | undefined {
    return isOwnName(host) ? this.pages.get(path) : undefined;
  }
}

/** What a page is sent with. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

function isOwnName(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') ?? '';
  return name === 'localhost' || isIP(name) !== 0;
}

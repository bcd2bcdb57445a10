import { DomainError } from '#libs/errors';
import type { RawRequest } from './raw.js';

/** RFC 9112 wants servers to take 8,000 at least. */
const MAX_TARGET_BYTES = 8_192;
/** Names, IPv4 and bracketed IPv6 addresses, with a port or without; may be empty (RFC 9110, 7.2). */
const HOST = /^(\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i;

/**
 * What HTTP asks of every request and Node would answer without a problem document, or let through: one Host (RFC 9112,
 * 3.2; RFC 9113, 8.3.1), no expectation but 100-continue (RFC 9110, 10.1.1), headers and a target of bounded length.
 */
export function checkProtocol({ rawHeaders, headers, httpVersion, url = '' }: RawRequest, headerBytes: number): void {
  // Over HTTP/1.1 the parser has counted. nghttp2 holds a client to the limit only once it has acknowledged it.
  if (httpVersion === '2.0' && sizeOf(rawHeaders) > headerBytes) throw new DomainError('HEADERS_TOO_LARGE');
  const hosts = hostsIn(rawHeaders, httpVersion === '2.0');
  const isMissing = hosts.length === 0 && httpVersion !== '1.0';
  if (isMissing) throw new DomainError('BAD_REQUEST', { message: 'The Host header is missing.' });
  if (hosts.length > 1) throw new DomainError('BAD_REQUEST', { message: 'There is more than one Host header.' });
  if (hosts.some((host) => !HOST.test(host))) {
    throw new DomainError('BAD_REQUEST', { message: 'The Host header is no host.' });
  }
  if (url.length > MAX_TARGET_BYTES) throw new DomainError('URI_TOO_LONG');
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    throw new DomainError('EXPECTATION_FAILED');
  }
}

/** `headers` keeps only the first. In HTTP/2 :authority is one too, and a Host beside it has to say the same. */
function hostsIn(rawHeaders: readonly string[], isHttp2: boolean): string[] {
  const hosts: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const value = rawHeaders[i + 1] ?? '';
    if (name === ':authority' || (name.length === 4 && name.toLowerCase() === 'host')) {
      if (!isHttp2 || !hosts.includes(value)) hosts.push(value);
    }
  }
  return hosts;
}

/** As SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113, 6.5.2). */
function sizeOf(rawHeaders: readonly string[]): number {
  return rawHeaders.reduce((sum, { length }) => sum + length + 16, 0);
}

import type { IncomingMessage } from 'node:http';
import { DomainError } from '#libs/errors';

/** RFC 9112 wants servers to take 8,000 at least. */
const MAX_TARGET_BYTES = 8_192;
/** Names, IPv4 and bracketed IPv6 addresses, with a port or without; may be empty (RFC 9110, 7.2). */
const HOST = /^(\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:\d*)?$/i;

/**
 * What HTTP/1.1 asks of every request and Node would answer without a problem document, or let through: one Host (RFC 9112,
 * 3.2), no expectation but 100-continue (RFC 9110, 10.1.1), a target of bounded length.
 */
export function checkProtocol({ rawHeaders, headers, httpVersion }: IncomingMessage, target: string): void {
  const hosts = hostsIn(rawHeaders);
  const isMissing = hosts.length === 0 && httpVersion !== '1.0';
  if (isMissing) throw new DomainError('BAD_REQUEST', { message: 'The Host header is missing.' });
  if (hosts.length > 1) throw new DomainError('BAD_REQUEST', { message: 'There is more than one Host header.' });
  if (hosts.some((host) => !HOST.test(host))) {
    throw new DomainError('BAD_REQUEST', { message: 'The Host header is no host.' });
  }
  if (target.length > MAX_TARGET_BYTES) throw new DomainError('URI_TOO_LONG');
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    throw new DomainError('EXPECTATION_FAILED');
  }
}

/** `headers` keeps only the first. */
function hostsIn(rawHeaders: readonly string[]): string[] {
  const hosts: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === 'host') hosts.push(rawHeaders[i + 1] ?? '');
  }
  return hosts;
}

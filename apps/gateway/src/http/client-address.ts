import type { IncomingMessage } from 'node:http';
import proxyAddress from '@fastify/proxy-addr';
import type { RawRequest } from './raw.js';

export type AddressOf = (request: RawRequest) => string;

/**
 * Who the address of a request is: the socket's, unless that is a trusted proxy; then the last address of X-Forwarded-For
 * that is none.
 */
export function clientAddress(trustedProxies: readonly string[]): AddressOf {
  if (trustedProxies.length === 0) return ({ socket }) => socket.remoteAddress ?? '';
  const isTrusted = proxyAddress.compile([...trustedProxies]);
  // It reads the headers and the address of the socket, which requests of HTTP/2 have too.
  return (request) => proxyAddress(request as RawRequest & IncomingMessage, isTrusted);
}

import { connect as connectTcp, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { checkServerIdentity, connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';

/** An address as resolvers of gRPC tell it. */
export type Address = { readonly host?: string; readonly port: number } | { readonly path: string };

export interface Peer {
  /** `:authority` of requests, and the name that a certificate has to be for. */
  readonly authority: string;
  readonly tls: { readonly context: SecureContext; readonly serverName: string } | undefined;
}

/** Streams: what a reader that pauses can leave lying here. The connection: enough for a fast peer that is far away. */
export const STREAM_WINDOW = 256 * 1024;
export const SESSION_WINDOW = 4 * 1024 * 1024;

/** `onread` of node:net: bytes come into a buffer that is used again. */
export type OnRead = NonNullable<TcpNetConnectOpts['onread']>;

/** A socket that is about to be connected. With TLS it speaks of HTTP/2 alone (ALPN). */
export function openSocket(address: Address, { tls }: Peer, onread?: OnRead): Socket {
  const to = onread ? { ...address, onread } : address;
  const socket = tls ? openTls(to, tls) : connectTcp(to as TcpNetConnectOpts);
  socket.setNoDelay(true);
  return socket;
}

function openTls(to: Address, { context, serverName }: NonNullable<Peer['tls']>): TLSSocket {
  return connectTls({
    ...to,
    secureContext: context,
    // An address is no name that could be asked for (RFC 6066, 3), and still has to be in the certificate.
    servername: isIP(serverName) === 0 ? serverName : '',
    checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
    ALPNProtocols: ['h2'],
    minVersion: 'TLSv1.2',
  });
}

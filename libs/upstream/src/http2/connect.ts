import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { checkServerIdentity, connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';

/** An address as resolvers of gRPC tell it. */
export type Address = { readonly host?: string; readonly port: number } | { readonly path: string };

export interface Peer {
  /** `:authority` of requests, and the name that a certificate has to be for. */
  readonly authority: string;
  readonly tls: { readonly context: SecureContext; readonly serverName: string } | undefined;
}

/** Streams: what a reader that pauses can leave lying here. The session: enough for a fast peer that is far away. */
const STREAM_WINDOW = 256 * 1024;
const SESSION_WINDOW = 4 * 1024 * 1024;

/** An HTTP/2 session that is about to be connected; 'remoteSettings' tells that it is. Errors come as its events. */
export function connect(address: Address, { authority, tls }: Peer): { session: ClientHttp2Session; socket: Socket } {
  const socket = tls ? openTls(address, tls) : connectTcp(address as TcpNetConnectOpts);
  socket.setNoDelay(true);
  const session = connectHttp2(`${tls ? 'https' : 'http'}://${authority}`, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    // Headers are bounded by those who set them.
    maxSendHeaderBlockLength: Number.MAX_SAFE_INTEGER,
    // Windows bound what a peer can send; node's own limit is in megabytes, and refuses streams when it is reached.
    maxSessionMemory: 1_024,
  });
  session.once('connect', () => session.setLocalWindowSize(SESSION_WINDOW));
  return { session, socket };
}

function openTls(address: Address, { context, serverName }: NonNullable<Peer['tls']>): TLSSocket {
  return connectTls({
    ...address,
    secureContext: context,
    // An address is no name that could be asked for (RFC 6066, 3), and still has to be in the certificate.
    servername: isIP(serverName) === 0 ? serverName : '',
    checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
    ALPNProtocols: ['h2'],
    minVersion: 'TLSv1.2',
  });
}

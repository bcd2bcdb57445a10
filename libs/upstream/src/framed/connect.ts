import type { TLSSocket } from 'node:tls';
import { type Address, openSocket, type Peer } from '../http2/connect.js';
import type { Session, SessionEvents } from '../http2/session.js';
import { FramedSession } from './framed-session.js';

/** One read takes so much at most. */
const READ_SIZE = 64 * 1024;

/** A connection that our own framing is for. */
export function connectFramed(address: Address, peer: Peer, events: SessionEvents): Session {
  const buffer = Buffer.allocUnsafeSlow(READ_SIZE);
  const callback = (octets: number): boolean => {
    session.onBytes(buffer.subarray(0, octets));
    return true;
  };
  const socket = openSocket(address, peer, { buffer, callback });
  const session = new FramedSession(socket, events);
  if (!peer.tls) socket.once('connect', () => session.begin());
  else socket.once('secureConnect', () => beginSecured(socket as TLSSocket, session));
  socket.on('drain', () => session.onDrain());
  socket.on('error', ({ message }) => session.onLost(message));
  socket.once('end', () => session.onLost('the server closed the connection'));
  socket.once('close', () => session.onLost('the connection was closed'));
  // Calls hold the process, connections do not.
  socket.unref();
  return session;
}

/** HTTP/2 over TLS is what both have chosen by ALPN, and nothing else (RFC 9113, 3.2). */
function beginSecured({ alpnProtocol }: TLSSocket, session: FramedSession): void {
  if (alpnProtocol === 'h2') session.begin();
  else session.onLost('the server did not choose HTTP/2 (ALPN)');
}

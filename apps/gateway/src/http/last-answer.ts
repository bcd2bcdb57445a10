import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { EdgeReply } from './edge-reply.js';
import type { RawRequest } from './raw.js';

/** How long a client may still send what nobody reads, so that it gets to read its answer (RFC 9112, 9.6). */
const LINGER_MS = 1_000;
/** A body up to this size is read and thrown away, and the connection kept: cheaper for both sides than a new one. */
const SMALL_BODY_BYTES = 65_536;

/** Ends a connection with a whole answer: closing it at once would have the client's system throw the answer away. */
export function endWith(socket: Socket, answer: string): void {
  socket.end(answer);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
}

/**
 * Whether a request is refused whose body is still to come, and is too large to be read for nothing. In HTTP/2 the stream
 * ends with the answer, and the connection is not concerned (RFC 9113, 8.1).
 */
function leavesBodyUnread({ complete, headers, httpVersion }: RawRequest): boolean {
  if (complete || httpVersion === '2.0') return false;
  if (headers.expect?.toLowerCase() === '100-continue') return true;
  const length = headers['content-length'];
  return length === undefined ? headers['transfer-encoding'] !== undefined : Number(length) > SMALL_BODY_BYTES;
}

/**
 * Sends an answer before the body of its request has come to its end: the rest of a small one is thrown away, of a large one
 * the connection is closed.
 */
export function sendEarly(reply: EdgeReply, body: Buffer): EdgeReply {
  const { raw } = reply.request;
  if (!leavesBodyUnread(raw)) return reply.send(body);
  reply.header('connection', 'close').header('content-length', body.length);
  return reply.send(lingering(body, raw));
}

/** After an answer that was a stream: a client that still sends a second later is cut off. */
export function cutOff(reply: EdgeReply): void {
  const { raw } = reply.request;
  if (!leavesBodyUnread(raw)) return;
  const timer = setTimeout(() => raw.socket.destroy(), LINGER_MS).unref();
  raw.once('end', () => clearTimeout(timer)).resume();
}

/**
 * The body of an answer that is the last on its connection while the client may still be sending: all of it at once, its
 * end when the client has finished or a second later.
 */
function lingering(body: Buffer, request: RawRequest): Readable {
  return Readable.from(
    (async function* () {
      yield body;
      await finished(request);
    })(),
    { objectMode: false },
  );
}

function finished(request: RawRequest): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LINGER_MS);
  const end = () => {
    clearTimeout(timer);
    resolve();
  };
  if (request.complete || request.destroyed) end();
  request.once('end', end).once('close', end).resume();
  return promise;
}

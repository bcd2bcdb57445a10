import type { Socket } from 'node:net';

/** What every client of HTTP/2 begins with (RFC 9113, 3.4). No request of HTTP/1 does. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

export interface PrefaceOptions {
  readonly http1: (socket: Socket) => void;
  readonly http2: (socket: Socket) => void;
  /** Called where it is not clear after `limitMs` what the client speaks. */
  readonly late: (socket: Socket) => void;
  readonly limitMs: number;
}

/**
 * Finds out by its first bytes what a connection speaks, and hands it on with all of them. At most 24 are waited for, and only
 * as long as they are those of the preface of HTTP/2.
 */
export function choosePreface(socket: Socket, { http1, http2, late, limitMs }: PrefaceOptions): void {
  const settle = (next: (socket: Socket) => void, bytes?: Buffer) => {
    clearTimeout(timer);
    socket.off('readable', look).off('end', gone).off('error', gone).off('close', gone);
    if (bytes) socket.unshift(bytes);
    next(socket);
  };
  const timer = setTimeout(() => settle(late), limitMs).unref();
  let held = Buffer.alloc(0);
  function look(): void {
    const chunk: Buffer | null = socket.read();
    if (!chunk) return;
    held = Buffer.concat([held, chunk]);
    const compared = Math.min(held.length, PREFACE.length);
    if (held.compare(PREFACE, 0, compared, 0, compared) !== 0) settle(http1, held);
    else if (compared === PREFACE.length) settle(http2, held);
  }
  const gone = () => settle(() => socket.destroy());
  socket.on('readable', look).on('end', gone).on('error', gone).on('close', gone);
}

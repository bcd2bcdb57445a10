import type { WebSocket } from 'ws';
import { DomainError } from '#libs/errors';

/** Time for the client to answer a close, and for what was sent before to leave. */
const CLOSING_MS = 2_000;
/** Pings are not answered to a client that does not read what it is sent. */
const PONG_LIMIT_BYTES = 65_536;

export interface FrameSocketOptions {
  readonly heartbeatMs: number;
  /** Bytes that have come over the connection until now. */
  readonly bytesRead: () => number;
  /** How many messages are expected. */
  readonly takes: 'nothing' | 'one' | 'many';
}

/**
 * A WebSocket as two streams of messages, with back-pressure both ways: the next frame is read when it is asked for, and
 * `send` takes as long as the socket does. An empty frame says that the client has sent all it has to say.
 */
export class FrameSocket {
  private readonly waiting: Buffer[] = [];
  private readonly stop = new AbortController();
  private wake: () => void = () => {};
  private left: number;
  /** At the last ping. */
  private bytesBefore = -1;
  private readonly bytesRead: () => number;
  private readonly heartbeat: NodeJS.Timeout;
  /** What the client has done that it must not. */
  violation: DomainError | undefined;

  constructor(
    private readonly socket: WebSocket,
    { heartbeatMs, bytesRead, takes }: FrameSocketOptions,
  ) {
    this.bytesRead = bytesRead;
    this.left = { nothing: 0, one: 1, many: Number.POSITIVE_INFINITY }[takes];
    socket.on('message', (data: Buffer, isBinary: boolean) => this.take(data, isBinary));
    socket.on('ping', (data: Buffer) => {
      if (socket.bufferedAmount < PONG_LIMIT_BYTES) socket.pong(data);
    });
    // The library closes what does not keep to the protocol, and says why in the code.
    socket.on('error', (error: Error & { code?: string }) => {
      this.violate(new DomainError(error.code === TOO_LARGE ? 'BODY_TOO_LARGE' : 'BAD_REQUEST', { cause: error }));
      this.endWithin(CLOSING_MS);
    });
    socket.on('close', () => this.ended());
    this.heartbeat = setInterval(() => this.beat(), heartbeatMs).unref();
  }

  /** Aborted when nothing more can come of it: the client has gone, or broken a rule. */
  get stopped(): AbortSignal {
    return this.stop.signal;
  }

  get isClosed(): boolean {
    return this.socket.readyState !== this.socket.OPEN;
  }

  /** The messages of the client, one by one, until it says that it has no more. Ends early when it is stopped. */
  async *messages(): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const next = this.waiting.shift();
      if (next) yield next;
      else if (this.left === 0 || this.stopped.aborted) return;
      else await this.more();
    }
  }

  /** The one message of the client. Throws CANCELLED when it is stopped or `signal` is aborted before there is one. */
  async first(signal: AbortSignal): Promise<Buffer> {
    const wake = () => this.wake();
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (this.waiting.length === 0 && this.left > 0 && !signal.aborted && !this.stopped.aborted) await this.more();
      const message = this.waiting.shift();
      // Nothing was said, and no more comes: an empty message.
      if (message || (this.left === 0 && !this.stopped.aborted)) return message ?? Buffer.alloc(0);
      throw new DomainError('CANCELLED');
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /** Calls back when nothing is left of it. */
  onClose(listener: () => void): void {
    this.socket.once('close', listener);
  }

  /** Resolves when it has left; at once when nobody is there any more. */
  send(text: Buffer | string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.isClosed) return Promise.resolve();
    this.socket.send(text, { binary: false }, () => resolve());
    return promise;
  }

  /** Says why it ends, and waits no longer than two seconds for the client to have read it. */
  close(code: number, reason: string): void {
    clearInterval(this.heartbeat);
    this.waiting.length = 0;
    this.left = 0;
    this.socket.resume();
    this.socket.close(code, reason);
    this.endWithin(CLOSING_MS);
  }

  private take(data: Buffer, isBinary: boolean): void {
    if (this.isClosed || this.violation) return;
    if (isBinary) this.violate(new DomainError('UNSUPPORTED_MEDIA_TYPE', { message: 'Frames are text, in JSON.' }));
    else if (this.left === 0) this.violate(new DomainError('BAD_REQUEST', { message: 'No message is expected here.' }));
    else {
      this.left = data.length === 0 ? 0 : this.left - 1;
      if (data.length > 0) this.waiting.push(data);
      // What comes when all has been said is to be heard: a close, a pong.
      if (this.left > 0) this.socket.pause();
      this.wake();
    }
  }

  private async more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    this.socket.resume();
    await promise;
  }

  private violate(violation: DomainError): void {
    this.violation ??= violation;
    this.halt();
  }

  private ended(): void {
    clearInterval(this.heartbeat);
    this.halt();
  }

  private halt(): void {
    this.stop.abort();
    this.wake();
  }

  /**
   * Ends a connection over which nothing has come since it was asked the last time. Who is held back, or reads slowly, is not asked:
   * the answer would wait behind what is not read. A pong may wait behind a large message, so that any byte will do.
   */
  private beat(): void {
    const { isPaused, bufferedAmount } = this.socket;
    if (isPaused || bufferedAmount > 0) return;
    const bytes = this.bytesRead();
    if (bytes === this.bytesBefore) {
      this.socket.terminate();
      return;
    }
    this.bytesBefore = bytes;
    this.socket.ping();
  }

  private endWithin(ms: number): void {
    const timer = setTimeout(() => this.socket.terminate(), ms).unref();
    this.socket.once('close', () => clearTimeout(timer));
  }
}

const TOO_LARGE = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';

import type { Address, Peer } from './connect.js';
import type { HeaderList } from './headers.js';

/** Who hears what a stream brings. Nothing is told once it has called `close`. */
export interface CallEvents {
  /** `isLast`: nothing comes after them. */
  onHeaders(raw: HeaderList, isLast: boolean): void;
  /** The bytes are the hearer's own from now on. */
  onData(chunk: Buffer): void;
  onTrailers(raw: HeaderList): void;
  /** Nothing more can come, although the stream may not have closed: it does not while there is something to be sent. */
  onEnd(resetCode: number): void;
  onClose(resetCode: number): void;
}

/** One stream of HTTP/2, as a call uses it: what ClientHttp2Stream and the streams of our own framing have both. */
export interface CallStream {
  /** Bytes that have come, and are kept because it is paused. */
  readonly readableLength: number;
  /** Nothing goes or comes any more, and nothing is kept. */
  readonly destroyed: boolean;
  /** All that was to be sent is. */
  readonly writableFinished: boolean;
  /** `sent`: called back when the peer's windows have let the bytes out. */
  write(bytes: Buffer, sent?: () => void): unknown;
  /** With the last bytes, where there are any. */
  end(bytes?: Buffer): unknown;
  pause(): unknown;
  resume(): unknown;
  isPaused(): boolean;
  /** Resets it by this code. */
  close(code: number): void;
}

/** What a call begins with. */
export interface RequestHead {
  /** The same list, and the same object, for all calls of a path. */
  readonly shared: HeaderList;
  readonly own: HeaderList;
}

/** Who hears what becomes of a connection. */
export interface SessionEvents {
  /** It can be called: with its first settings, and whenever the number of streams that the peer takes at a time changes. */
  onReady(maxConcurrentStreams: number): void;
  /** It takes no more streams; with another code than NO_ERROR the peer sees a fault in what we do. */
  onGoaway(code: number, text: string): void;
  /** Once. Its streams are told after it. */
  onClosed(reason: string | undefined): void;
}

/** One connection of HTTP/2. */
export interface Session {
  readonly bytesRead: number;
  /** Streams can be begun, as far as the connection is concerned. */
  readonly isOpen: boolean;
  readonly isDestroyed: boolean;
  /** Throws when the headers cannot be sent. */
  open(head: RequestHead, events: CallEvents): CallStream;
  /** Tells whether an answer came; not later than at the connection's end. */
  ping(answered: (isAlive: boolean) => void): void;
  /** It keeps the process, or not. */
  ref(): void;
  unref(): void;
  /** Takes no more streams, and ends with the last. */
  close(): void;
  destroy(): void;
}

/** Begins to connect; how that goes is told by the events. */
export type Connect = (address: Address, peer: Peer, events: SessionEvents) => Session;

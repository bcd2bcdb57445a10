import type { FloodGuard } from './flood-guard.js';
import type { Outbox } from './outbox.js';
import { DATA, END_STREAM, FIRST_WINDOW, LARGEST_WINDOW, MAX_FRAME_SIZE } from './protocol.js';

/** What a stream still has to send. */
export interface Pending {
  readonly bytes: Buffer;
  at: number;
  readonly sent: (() => void) | undefined;
}

/** A stream as far as it sends. */
export interface SendingStream {
  readonly id: number;
  sendWindow: number;
  readonly pending: Pending[];
  isQueued: boolean;
  readonly isEnding: boolean;
  readonly isGone: boolean;
  /** Its last frame of data has been written. */
  sentAll(): void;
}

/** Octets that one write takes, about. */
const MOST_AT_ONCE = 256 * 1024;
/** A server gives back windows of the stream and of the connection, and may do so for each frame. */
const UPDATES_PER_FRAME = 3;

/** Data of all streams on its way out, as far as the peer's windows let it (RFC 9113, 5.2): a frame of each stream in turn. */
export class Sender {
  /** Of the connection. */
  private window = FIRST_WINDOW;
  /** Of streams that begin. */
  firstWindow = FIRST_WINDOW;
  /** Streams that have something to send and a window of their own to do so. */
  private queue: SendingStream[] = [];
  private isPumping = false;

  constructor(
    private readonly out: Outbox,
    private readonly flood: FloodGuard,
  ) {}

  /** `sent`: called when it has left. */
  send(stream: SendingStream, bytes: Buffer, sent?: () => void): void {
    const { length } = bytes;
    if (
      stream.pending.length === 0 &&
      length <= MAX_FRAME_SIZE &&
      length <= stream.sendWindow &&
      length <= this.window
    ) {
      if (this.takesMore) {
        this.frame(stream, bytes, 0, length);
        if (sent) this.out.whenSent(sent);
        return;
      }
    }
    stream.pending.push({ bytes, at: 0, sent });
    this.enqueue(stream);
    this.pump();
  }

  /** Nothing comes after what is on its way. */
  end(stream: SendingStream): void {
    // An empty frame needs no window.
    if (stream.pending.length === 0) this.frame(stream, EMPTY, 0, 0);
  }

  /** Sends what windows and the socket allow now. */
  pump(): void {
    if (this.isPumping) return;
    this.isPumping = true;
    while (this.queue.length > 0 && this.window > 0 && this.takesMore) {
      const stream = this.queue.shift();
      if (!stream) break;
      stream.isQueued = false;
      this.sendSome(stream);
      this.enqueue(stream);
    }
    this.isPumping = false;
  }

  /** WINDOW_UPDATE. False when the window would be larger than there is any. */
  widen(by: number): boolean {
    this.window += by;
    this.pump();
    return this.window <= LARGEST_WINDOW;
  }

  widenStream(stream: SendingStream, by: number): boolean {
    stream.sendWindow += by;
    if (stream.sendWindow > LARGEST_WINDOW) return false;
    this.enqueue(stream);
    this.pump();
    return true;
  }

  /** SETTINGS_INITIAL_WINDOW_SIZE is for running streams too, whose windows may be below zero after it (RFC 9113, 6.9.2). */
  resize(window: number, streams: Iterable<SendingStream>): boolean {
    const by = window - this.firstWindow;
    this.firstWindow = window;
    for (const stream of streams) if (!this.widenStream(stream, by)) return false;
    return true;
  }

  private get takesMore(): boolean {
    return !this.out.isFull && this.out.length < MOST_AT_ONCE;
  }

  private enqueue(stream: SendingStream): void {
    if (stream.isQueued || stream.isGone || stream.pending.length === 0 || stream.sendWindow <= 0) return;
    stream.isQueued = true;
    this.queue.push(stream);
  }

  private sendSome(stream: SendingStream): void {
    const [first] = stream.pending;
    if (!first || stream.isGone || stream.sendWindow <= 0) return;
    const { bytes, at, sent } = first;
    const to = Math.min(bytes.length, at + Math.min(MAX_FRAME_SIZE, this.window, stream.sendWindow));
    first.at = to;
    if (to === bytes.length) {
      stream.pending.shift();
      if (sent) this.out.whenSent(sent);
    }
    this.frame(stream, bytes, at, to);
  }

  private frame(stream: SendingStream, bytes: Buffer, from: number, to: number): void {
    const { out } = this;
    const length = to - from;
    const isLast = stream.isEnding && stream.pending.length === 0;
    const target = out.header(DATA, isLast ? END_STREAM : 0, { stream: stream.id, length });
    bytes.copy(target, out.length, from, to);
    out.length += length;
    this.window -= length;
    stream.sendWindow -= length;
    this.flood.allow(UPDATES_PER_FRAME);
    if (isLast) stream.sentAll();
  }
}

const EMPTY = Buffer.alloc(0);

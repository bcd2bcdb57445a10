import { STREAM_WINDOW } from '../http2/connect.js';
import type { CallEvents, CallStream } from '../http2/session.js';
import type { Pending, Sender, SendingStream } from './sender.js';

/** What a stream needs of its connection. */
export interface StreamOwner {
  readonly sender: Sender;
  /** It is over in both directions. */
  remove(stream: FramedStream): void;
  /** RST_STREAM; the connection knows it no more. */
  reset(stream: FramedStream, code: number): void;
  /** WINDOW_UPDATE. */
  giveBack(stream: FramedStream, octets: number): void;
}

/** One stream (RFC 9113, 5.1), from its request on. */
export class FramedStream implements CallStream, SendingStream {
  // What goes.
  sendWindow: number;
  pending: Pending[] = [];
  isQueued = false;
  isEnding = false;
  writableFinished = false;

  // What comes.
  hasHeaders = false;
  hasTrailers = false;
  isRemoteEnded = false;
  /** Octets of data that `content-length` says are still to come; -1 where it says nothing. */
  announced = -1;
  private receiveWindow = STREAM_WINDOW;
  private taken = 0;
  private isStopped = false;
  private isTelling = false;
  private held: Buffer[] = [];
  readableLength = 0;

  /** The connection knows it no more. */
  isGone = false;

  constructor(
    readonly id: number,
    private readonly owner: StreamOwner,
    private readonly events: CallEvents,
  ) {
    this.sendWindow = owner.sender.firstWindow;
  }

  get destroyed(): boolean {
    return this.isGone && this.readableLength === 0;
  }

  write(bytes: Buffer, sent?: () => void): void {
    if (this.isGone || this.isEnding) sent?.();
    else this.owner.sender.send(this, bytes, sent);
  }

  end(bytes?: Buffer): void {
    if (this.isGone || this.isEnding) return;
    this.isEnding = true;
    if (bytes) this.owner.sender.send(this, bytes);
    else this.owner.sender.end(this);
  }

  isPaused(): boolean {
    return this.isStopped;
  }

  pause(): void {
    this.isStopped = true;
  }

  resume(): void {
    this.isStopped = false;
    // Who takes data may stop and go on at once.
    if (this.isTelling) return;
    this.isTelling = true;
    try {
      for (let data = this.next(); data; data = this.next()) this.deliver(data);
    } finally {
      this.isTelling = false;
    }
    if (this.isRemoteEnded && this.readableLength === 0) this.tellEnd();
  }

  close(code: number): void {
    this.held = [];
    this.readableLength = 0;
    if (!this.isGone) this.owner.reset(this, code);
  }

  // What the connection tells.

  /** Its last frame of data has been written. */
  sentAll(): void {
    this.writableFinished = true;
    if (this.isRemoteEnded) this.owner.remove(this);
  }

  onHeaders(list: readonly string[], isLast: boolean): void {
    this.hasHeaders = true;
    if (isLast) this.endRemote();
    this.hasTrailers = isLast;
    this.events.onHeaders(list, isLast);
  }

  onTrailers(list: readonly string[]): void {
    this.endRemote();
    this.hasTrailers = true;
    this.events.onTrailers(list);
  }

  /** False when it is more than the window that the peer was given. `octets`: with padding. */
  reserve(octets: number): boolean {
    this.receiveWindow -= octets;
    return this.receiveWindow >= 0;
  }

  /** What the reader has taken, or nobody will, may come anew. */
  credit(octets: number): void {
    this.taken += octets;
    if (this.taken < STREAM_WINDOW / 2 || this.isRemoteEnded || this.isGone) return;
    this.receiveWindow += this.taken;
    this.owner.giveBack(this, this.taken);
    this.taken = 0;
  }

  /** The bytes are its own. */
  onData(data: Buffer): void {
    if (!this.isStopped && this.readableLength === 0) {
      this.deliver(data);
      return;
    }
    this.held.push(data);
    this.readableLength += data.length;
  }

  /** END_STREAM on data: gRPC has trailers for that, so the call hears of it when it has all data. */
  onEnd(): void {
    this.endRemote();
    if (this.readableLength === 0) this.tellEnd();
  }

  /** It is over for the connection, by this code. What is kept stays for the reader if the answer was complete. */
  onClose(code: number): void {
    this.isGone = true;
    if (!this.hasTrailers) {
      this.held = [];
      this.readableLength = 0;
    }
    this.events.onClose(code);
    this.dropPending();
  }

  /** Writers need not wait any more. */
  dropPending(): void {
    const { pending } = this;
    this.pending = [];
    for (const { sent } of pending) sent?.();
  }

  private endRemote(): void {
    this.isRemoteEnded = true;
    if (this.writableFinished) this.owner.remove(this);
  }

  private tellEnd(): void {
    if (this.hasTrailers) return;
    if (this.isGone) this.events.onClose(0);
    else this.events.onEnd(0);
  }

  private next(): Buffer | undefined {
    const data = this.isStopped ? undefined : this.held.shift();
    this.readableLength -= data?.length ?? 0;
    return data;
  }

  private deliver(data: Buffer): void {
    this.credit(data.length);
    this.events.onData(data);
  }
}

import { SESSION_WINDOW, STREAM_WINDOW } from '../http2/connect.js';
import type { CallEvents, RequestHead, Session, SessionEvents } from '../http2/session.js';
import { ControlFrames } from './control-frames.js';
import { FloodGuard } from './flood-guard.js';
import { FrameReader, type FrameSink, type ReceivedFrame } from './frame-reader.js';
import { FramedStream, type StreamOwner } from './framed-stream.js';
import { LONGEST_LIST } from './hpack/decoder.js';
import { HpackEncoder } from './hpack/encoder.js';
import { Incoming, type IncomingOwner } from './incoming.js';
import { Outbox, type Transport } from './outbox.js';
import * as protocol from './protocol.js';
import { Sender } from './sender.js';

const { ConnectionError, PROTOCOL_ERROR, NO_ERROR } = protocol;

/** What a session needs of its socket. */
export interface SessionSocket extends Transport {
  end(): unknown;
  destroy(): unknown;
  ref(): unknown;
  unref(): unknown;
}

export interface SessionLimits {
  /** The last stream that may be begun: there are no higher numbers. */
  readonly lastStream: number;
}

/** Updates of windows, settings and pings that a server may send for a call that it gets. */
const FRAMES_PER_CALL = 4;
/** A peer that was told that the connection is over has so long to close it too. */
const GOODBYE_MS = 1_000;

/**
 * The client's side of one connection of HTTP/2 (RFC 9113), on bytes that it is given and a socket to write to. It holds the peer
 * to every rule that concerns a client without push, and answers a breach as the RFC says: by the end of the stream, or of all.
 */
export class FramedSession implements Session, FrameSink, StreamOwner, IncomingOwner {
  bytesRead = 0;
  isDestroyed = false;
  readonly streams = new Map<number, FramedStream>();
  readonly flood = new FloodGuard();
  readonly outbox: Outbox;
  readonly sender: Sender;
  readonly encoder: HpackEncoder;
  private readonly reader = new FrameReader(this);
  private readonly incoming = new Incoming(this);
  private readonly control: ControlFrames;
  private nextStream = 1;
  private isClosing = false;
  private taken = 0;

  constructor(
    private readonly socket: SessionSocket,
    readonly events: SessionEvents,
    private readonly limits: SessionLimits = { lastStream: protocol.LARGEST_WINDOW },
  ) {
    this.outbox = new Outbox(socket, () => this.sender.pump());
    this.sender = new Sender(this.outbox, this.flood);
    this.encoder = new HpackEncoder(this.outbox);
    this.control = new ControlFrames(this);
  }

  get isOpen(): boolean {
    return !this.isClosing && !this.isDestroyed;
  }

  open({ shared, own }: RequestHead, events: CallEvents): FramedStream {
    const { outbox, nextStream: id } = this;
    const begin = outbox.length;
    outbox.header(protocol.HEADERS, protocol.END_HEADERS, { stream: id, length: 0 });
    try {
      this.encoder.write(shared, own);
    } catch (error) {
      outbox.length = begin;
      throw error;
    }
    outbox.finishHeaders(begin, id);
    const stream = new FramedStream(id, this, events);
    this.streams.set(id, stream);
    this.nextStream += 2;
    this.flood.allow(FRAMES_PER_CALL);
    // Numbers of streams are not used again (RFC 9113, 5.1.1).
    if (this.nextStream > this.limits.lastStream) this.events.onGoaway(NO_ERROR, 'all streams are used up');
    return stream;
  }

  ping(answered: (isAlive: boolean) => void): void {
    if (this.isDestroyed) answered(false);
    else this.control.sendPing(answered);
  }

  ref(): void {
    this.socket.ref();
  }

  unref(): void {
    this.socket.unref();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isClosing = true;
    if (this.streams.size === 0) process.nextTick(leave, this);
  }

  destroy(): void {
    this.socket.destroy();
    this.over(undefined);
  }

  // What its socket tells.

  /** It is connected, and nothing was sent. */
  begin(): void {
    const { outbox } = this;
    outbox.raw(protocol.PREFACE);
    const settings = [ENABLE_PUSH, 0, INITIAL_WINDOW_SIZE, STREAM_WINDOW, MAX_HEADER_LIST_SIZE, LONGEST_LIST];
    const bytes = Buffer.alloc(3 * settings.length);
    for (let at = 0; at < settings.length; at += 2) {
      bytes.writeUInt16BE(settings[at] ?? 0, 3 * at);
      bytes.writeUInt32BE(settings[at + 1] ?? 0, 3 * at + 2);
    }
    outbox.frame(protocol.SETTINGS, 0, bytes);
    outbox.number(protocol.WINDOW_UPDATE, 0, SESSION_WINDOW - protocol.FIRST_WINDOW);
    outbox.flush();
  }

  /** The bytes are the caller's again when it returns. */
  onBytes(bytes: Buffer): void {
    if (this.isDestroyed) return;
    this.bytesRead += bytes.length;
    try {
      this.reader.read(bytes);
    } catch (error) {
      this.breach(error);
    }
  }

  /** It takes more, after it was full. */
  onDrain(): void {
    this.outbox.drained();
  }

  onLost(reason: string): void {
    this.socket.destroy();
    this.over(reason);
  }

  onFrame(frame: ReceivedFrame): boolean {
    try {
      this.take(frame);
    } catch (error) {
      if (error instanceof ConnectionError) throw error;
      // A fault of who listens, not of the peer: it must not tear what comes after it.
      process.nextTick(raise, error);
    }
    return !this.isDestroyed;
  }

  // What frames and streams need of it.

  find(id: number): FramedStream | undefined {
    const stream = this.streams.get(id);
    if (!stream && (id % 2 === 0 || id >= this.nextStream)) {
      throw new ConnectionError(PROTOCOL_ERROR, `a frame of stream ${id}, which there never was`);
    }
    return stream;
  }

  receive(octets: number): void {
    // Streams hold back what readers do not take, each by its own window; a slow one must not hold up the others.
    this.taken += octets;
    if (this.taken < SESSION_WINDOW / 2) return;
    this.outbox.number(protocol.WINDOW_UPDATE, 0, this.taken);
    this.taken = 0;
  }

  giveBack(stream: FramedStream, octets: number): void {
    this.outbox.number(protocol.WINDOW_UPDATE, stream.id, octets);
  }

  fail(stream: FramedStream, code: number): void {
    this.reset(stream, code);
    stream.onClose(code);
  }

  reset(stream: FramedStream, code: number): void {
    this.remove(stream);
    if (!this.isDestroyed) this.outbox.number(protocol.RST_STREAM, stream.id, code);
    stream.dropPending();
  }

  remove(stream: FramedStream): void {
    stream.isGone = true;
    this.streams.delete(stream.id);
    if (this.isClosing && this.streams.size === 0) process.nextTick(leave, this);
  }

  /** Nothing runs, and nothing will. */
  leave(): void {
    if (!this.isDestroyed && this.streams.size === 0) this.sayGoodbye(NO_ERROR, undefined);
  }

  private take(frame: ReceivedFrame): void {
    const { type, stream } = frame;
    const { unfinished } = this.incoming;
    if (unfinished !== 0 && (type !== protocol.CONTINUATION || stream !== unfinished)) {
      throw new ConnectionError(PROTOCOL_ERROR, 'a frame in the middle of headers');
    }
    this.control.expectSettings(frame);
    if (type === protocol.DATA) this.incoming.data(frame);
    else if (type === protocol.HEADERS) this.incoming.headers(frame);
    else if (type === protocol.CONTINUATION) this.incoming.continuation(frame);
    else this.control.take(frame);
  }

  /** The peer has broken a rule of the connection. */
  private breach(error: unknown): void {
    if (!(error instanceof ConnectionError)) throw error;
    this.sayGoodbye(error.code, `the server broke HTTP/2: ${error.message}`);
  }

  private sayGoodbye(code: number, reason: string | undefined): void {
    const text = Buffer.from(code === NO_ERROR ? '' : (reason ?? ''));
    // No stream of the peer was ever looked at, as it cannot begin any.
    this.outbox.frame(protocol.GOAWAY, 0, Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, code]), text]));
    this.outbox.flush();
    this.socket.end();
    setTimeout(() => this.socket.destroy(), GOODBYE_MS).unref();
    this.over(reason);
  }

  private over(reason: string | undefined): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.events.onClosed(reason);
    this.control.over();
    const streams = [...this.streams.values()];
    this.streams.clear();
    for (const stream of streams) stream.onClose(protocol.CANCEL);
    this.outbox.tell();
  }
}

const ENABLE_PUSH = 2;
const INITIAL_WINDOW_SIZE = 4;
const MAX_HEADER_LIST_SIZE = 6;

function leave(session: FramedSession): void {
  session.leave();
}

function raise(error: unknown): never {
  throw error;
}

import type { SessionEvents } from '../http2/session.js';
import type { FloodGuard } from './flood-guard.js';
import type { ReceivedFrame } from './frame-reader.js';
import type { FramedStream } from './framed-stream.js';
import type { HpackEncoder } from './hpack/encoder.js';
import type { Outbox } from './outbox.js';
import {
  ACK,
  ConnectionError,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  GOAWAY,
  LARGEST_WINDOW,
  MAX_FRAME_SIZE,
  PING,
  PRIORITY,
  PROTOCOL_ERROR,
  PUSH_PROMISE,
  REFUSED_STREAM,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './protocol.js';
import type { Sender } from './sender.js';

/** What frames about the connection need of it. */
export interface ControlOwner {
  readonly events: SessionEvents;
  readonly streams: ReadonlyMap<number, FramedStream>;
  readonly outbox: Outbox;
  readonly sender: Sender;
  readonly encoder: HpackEncoder;
  readonly flood: FloodGuard;
  find(id: number): FramedStream | undefined;
  fail(stream: FramedStream, code: number): void;
  remove(stream: FramedStream): void;
}

/** Identifiers of settings (RFC 9113, 6.5.2). */
const HEADER_TABLE_SIZE = 1;
const ENABLE_PUSH = 2;
const MAX_CONCURRENT_STREAMS = 3;
const INITIAL_WINDOW_SIZE = 4;
const MAX_FRAME = 5;
const LARGEST_FRAME = 2 ** 24 - 1;

/** All frames but those that carry headers and data (RFC 9113, 6.3 to 6.9). */
export class ControlFrames {
  private hasSettings = false;
  private isAcknowledged = false;
  private mostStreams = Number.POSITIVE_INFINITY;
  private pings = 0;
  private answered: ((isAlive: boolean) => void) | undefined;

  constructor(private readonly owner: ControlOwner) {}

  /** A server says its settings before anything else (RFC 9113, 3.4). */
  expectSettings({ type, flags }: ReceivedFrame): void {
    if (!this.hasSettings && (type !== SETTINGS || flags & ACK)) {
      throw new ConnectionError(PROTOCOL_ERROR, 'no SETTINGS at the beginning');
    }
  }

  take(frame: ReceivedFrame): void {
    switch (frame.type) {
      case RST_STREAM:
        this.reset(frame);
        return;
      case WINDOW_UPDATE:
        this.windowUpdate(frame);
        return;
      case PUSH_PROMISE:
        throw new ConnectionError(PROTOCOL_ERROR, 'PUSH_PROMISE, which was forbidden');
      case GOAWAY:
        this.goaway(frame);
        return;
    }
    this.owner.flood.count();
    if (frame.type === SETTINGS) this.settings(frame);
    else if (frame.type === PING) this.ping(frame);
    else if (frame.type === PRIORITY) this.priority(frame);
    // Others may be extensions: they mean nothing here (RFC 9113, 5.5).
  }

  sendPing(answered: (isAlive: boolean) => void): void {
    this.answered = answered;
    this.owner.outbox.frame(PING, 0, pingPayload(++this.pings));
  }

  /** The connection is over. */
  over(): void {
    const { answered } = this;
    this.answered = undefined;
    answered?.(false);
  }

  private settings(frame: ReceivedFrame): void {
    const { bytes, start, end, flags } = frame;
    ofConnection(frame);
    if (flags & ACK) {
      if (start !== end) throw new ConnectionError(FRAME_SIZE_ERROR, 'an acknowledgement with settings');
      // There is one of ours, and it is answered once.
      if (this.isAcknowledged) throw new ConnectionError(PROTOCOL_ERROR, 'an acknowledgement of nothing');
      this.isAcknowledged = true;
      return;
    }
    if ((end - start) % 6 !== 0) throw new ConnectionError(FRAME_SIZE_ERROR, 'half a setting');
    for (let at = start; at < end; at += 6) this.set(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
    this.owner.outbox.header(SETTINGS, ACK, { stream: 0, length: 0 });
    this.hasSettings = true;
    this.owner.events.onReady(this.mostStreams);
  }

  private set(id: number, value: number): void {
    if (id === HEADER_TABLE_SIZE) this.owner.encoder.resize(value);
    else if (id === MAX_CONCURRENT_STREAMS) this.mostStreams = value;
    else if (id === ENABLE_PUSH && value !== 0) throw new ConnectionError(PROTOCOL_ERROR, 'a push of the client');
    else if (id === MAX_FRAME && (value < MAX_FRAME_SIZE || value > LARGEST_FRAME)) {
      throw new ConnectionError(PROTOCOL_ERROR, `frames of ${value} octets`);
    } else if (id === INITIAL_WINDOW_SIZE) {
      const isLegal = value <= LARGEST_WINDOW && this.owner.sender.resize(value, this.owner.streams.values());
      if (!isLegal) throw new ConnectionError(FLOW_CONTROL_ERROR, `a window of ${value} octets`);
    }
  }

  private ping(frame: ReceivedFrame): void {
    const { bytes, start, end, flags } = frame;
    ofConnection(frame);
    ofLength(frame, 8);
    if ((flags & ACK) === 0) {
      this.owner.outbox.frame(PING, ACK, bytes.subarray(start, end));
      return;
    }
    const { answered } = this;
    if (!answered || !pingPayload(this.pings).equals(bytes.subarray(start, end))) return;
    this.answered = undefined;
    answered(true);
  }

  /** The streams after the last that was looked at can be sent again elsewhere (RFC 9113, 6.8). */
  private goaway(frame: ReceivedFrame): void {
    const { bytes, start, end } = frame;
    ofConnection(frame);
    if (end - start < 8) throw new ConnectionError(FRAME_SIZE_ERROR, 'GOAWAY without a code');
    this.owner.flood.count();
    const last = bytes.readUInt32BE(start) & LARGEST_WINDOW;
    for (const stream of [...this.owner.streams.values()]) {
      if (stream.id <= last) continue;
      this.owner.remove(stream);
      stream.onClose(REFUSED_STREAM);
    }
    this.owner.events.onGoaway(bytes.readUInt32BE(start + 4), bytes.toString('latin1', start + 8, end));
  }

  private reset(frame: ReceivedFrame): void {
    ofLength(frame, 4);
    const stream = this.owner.find(frame.stream);
    if (!stream) {
      this.owner.flood.count();
      return;
    }
    this.owner.remove(stream);
    stream.onClose(frame.bytes.readUInt32BE(frame.start));
  }

  private windowUpdate(frame: ReceivedFrame): void {
    ofLength(frame, 4);
    this.owner.flood.count();
    const by = frame.bytes.readUInt32BE(frame.start) & LARGEST_WINDOW;
    if (frame.stream === 0) {
      if (by === 0) throw new ConnectionError(PROTOCOL_ERROR, 'a window that grows by nothing');
      if (!this.owner.sender.widen(by)) throw new ConnectionError(FLOW_CONTROL_ERROR, 'a window that is too large');
      return;
    }
    const stream = this.owner.find(frame.stream);
    if (!stream) return;
    if (by === 0) this.owner.fail(stream, PROTOCOL_ERROR);
    else if (!this.owner.sender.widenStream(stream, by)) this.owner.fail(stream, FLOW_CONTROL_ERROR);
  }

  private priority(frame: ReceivedFrame): void {
    if (frame.stream === 0) throw new ConnectionError(PROTOCOL_ERROR, 'a priority of the connection');
    if (frame.end - frame.start === 5) return;
    const stream = this.owner.streams.get(frame.stream);
    if (stream) this.owner.fail(stream, FRAME_SIZE_ERROR);
  }
}

function ofConnection({ stream, type }: ReceivedFrame): void {
  if (stream !== 0) throw new ConnectionError(PROTOCOL_ERROR, `a frame of type ${type} of a stream`);
}

function ofLength({ start, end, type }: ReceivedFrame, length: number): void {
  if (end - start !== length) throw new ConnectionError(FRAME_SIZE_ERROR, `a frame of type ${type} of another length`);
}

function pingPayload(count: number): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(count, 4);
  return payload;
}

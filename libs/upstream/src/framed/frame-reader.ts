import { ConnectionError, FRAME_HEADER_LENGTH, FRAME_SIZE_ERROR, MAX_FRAME_SIZE } from './protocol.js';

/** A frame that came. It and its bytes are good until `onFrame` returns: both are used again. */
export interface ReceivedFrame {
  type: number;
  flags: number;
  stream: number;
  /** The payload is what they hold from `start` to `end`. */
  bytes: Buffer;
  start: number;
  end: number;
}

export interface FrameSink {
  /** False: it wants no more. Throws ConnectionError. */
  onFrame(frame: ReceivedFrame): boolean;
}

const EMPTY = Buffer.alloc(0);

/** Finds frames (RFC 9113, 4.1) in bytes that come in pieces of any size. A frame that is in one piece is not copied. */
export class FrameReader {
  private readonly frame: ReceivedFrame = { type: 0, flags: 0, stream: 0, bytes: EMPTY, start: 0, end: 0 };
  /** The beginning of a frame whose end has not come. */
  private readonly held = Buffer.allocUnsafeSlow(FRAME_HEADER_LENGTH + MAX_FRAME_SIZE);
  private heldLength = 0;

  constructor(private readonly sink: FrameSink) {}

  /** The bytes are the caller's again when it returns. Throws ConnectionError for a frame that is too large. */
  read(bytes: Buffer): void {
    let at = this.heldLength > 0 ? this.complete(bytes) : 0;
    while (at !== STOPPED && bytes.length - at >= FRAME_HEADER_LENGTH) {
      const end = at + sizeAt(bytes, at);
      if (end > bytes.length) break;
      at = this.tell(bytes, at, end) ? end : STOPPED;
    }
    if (at !== STOPPED && at < bytes.length) this.hold(bytes, at, bytes.length);
  }

  /** Takes as much as the frame that has begun needs, and says how much that was. */
  private complete(bytes: Buffer): number {
    let at = 0;
    if (this.heldLength < FRAME_HEADER_LENGTH) {
      at = this.hold(bytes, 0, FRAME_HEADER_LENGTH - this.heldLength);
      if (this.heldLength < FRAME_HEADER_LENGTH) return at;
    }
    const size = sizeAt(this.held, 0);
    at = this.hold(bytes, at, at + size - this.heldLength);
    if (this.heldLength < size) return at;
    this.heldLength = 0;
    return this.tell(this.held, 0, size) ? at : STOPPED;
  }

  private hold(bytes: Buffer, from: number, to: number): number {
    this.heldLength += bytes.copy(this.held, this.heldLength, from, to);
    return Math.min(to, bytes.length);
  }

  private tell(bytes: Buffer, at: number, end: number): boolean {
    const { frame } = this;
    frame.type = bytes[at + 3] ?? 0;
    frame.flags = bytes[at + 4] ?? 0;
    // The first bit means nothing (RFC 9113, 4.1).
    frame.stream = bytes.readUInt32BE(at + 5) & 0x7fffffff;
    frame.bytes = bytes;
    frame.start = at + FRAME_HEADER_LENGTH;
    frame.end = end;
    return this.sink.onFrame(frame);
  }
}

const STOPPED = -1;

/** Octets of the frame that begins there, its header among them. */
function sizeAt(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at) >>> 8;
  if (length > MAX_FRAME_SIZE) {
    throw new ConnectionError(FRAME_SIZE_ERROR, `a frame of ${length} octets, or no HTTP/2 at all`);
  }
  return FRAME_HEADER_LENGTH + length;
}

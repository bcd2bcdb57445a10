import { CONTINUATION, END_HEADERS, FRAME_HEADER_LENGTH, HEADERS, MAX_FRAME_SIZE } from './protocol.js';

/** What frames leave by: a socket. */
export interface Transport {
  /** False when it has more than it wants; it tells when it takes more. */
  write(bytes: Buffer): boolean;
  /** Octets that it still keeps the memory of. */
  readonly writableLength: number;
}

const FIRST_SIZE = 16 * 1024;
const LARGEST_KEPT = 1024 * 1024;
/** Up to here a copy is cheaper than a buffer of its own. */
const SMALL = 4 * 1024;

/** Frames of all streams, which leave in one write each turn of the event loop. */
export class Outbox {
  private bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_SIZE);
  length = 0;
  /** The socket takes no more for now: data waits, control frames do not. */
  isFull = false;
  private isScheduled = false;
  private isShared = false;
  private sent: (() => void)[] = [];
  private readonly run = (): void => {
    this.isScheduled = false;
    this.flush();
  };

  constructor(
    private readonly transport: Transport,
    private readonly onFlushed: () => void,
  ) {}

  /** Where so many octets more can be written, at `length`, which is theirs to move. */
  room(octets: number): Buffer {
    if (this.bytes.length - this.length < octets) this.grow(octets);
    if (!this.isScheduled) {
      this.isScheduled = true;
      setImmediate(this.run);
    }
    return this.bytes;
  }

  raw(bytes: Buffer): void {
    this.room(bytes.length).set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The first nine octets of a frame (RFC 9113, 4.1), and room for the others. */
  header(type: number, flags: number, { stream, length }: { stream: number; length: number }): Buffer {
    const bytes = this.room(FRAME_HEADER_LENGTH + length);
    bytes.writeInt32BE((length << 8) | type, this.length);
    bytes[this.length + 4] = flags;
    bytes.writeInt32BE(stream, this.length + 5);
    this.length += FRAME_HEADER_LENGTH;
    return bytes;
  }

  /** The frame of HEADERS that begins there is complete; what is longer than a frame may be goes on in others (RFC 9113, 6.10). */
  finishHeaders(begin: number, stream: number): void {
    const length = this.length - begin - FRAME_HEADER_LENGTH;
    if (length <= MAX_FRAME_SIZE) {
      this.bytes.writeInt32BE((length << 8) | HEADERS, begin);
      return;
    }
    const block = Buffer.from(this.bytes.subarray(begin + FRAME_HEADER_LENGTH, this.length));
    this.length = begin;
    for (let at = 0; at < length; at += MAX_FRAME_SIZE) {
      const part = block.subarray(at, at + MAX_FRAME_SIZE);
      const flags = at + MAX_FRAME_SIZE >= length ? END_HEADERS : 0;
      const bytes = this.header(at === 0 ? HEADERS : CONTINUATION, flags, { stream, length: part.length });
      bytes.set(part, this.length);
      this.length += part.length;
    }
  }

  /** A frame whose payload is a number. */
  number(type: number, stream: number, value: number): void {
    this.header(type, 0, { stream, length: 4 }).writeUInt32BE(value, this.length);
    this.length += 4;
  }

  frame(type: number, flags: number, payload: Buffer): void {
    this.header(type, flags, { stream: 0, length: payload.length }).set(payload, this.length);
    this.length += payload.length;
  }

  /** Called once what is written by now has left, and the socket takes more. */
  whenSent(callback: () => void): void {
    this.sent.push(callback);
  }

  flush(): void {
    if (this.length > 0) this.write();
    if (this.isFull) return;
    this.tell();
    this.onFlushed();
  }

  /** The socket takes more. */
  drained(): void {
    this.isFull = false;
    this.tell();
    this.onFlushed();
  }

  /** Nobody waits for anything any more. */
  tell(): void {
    if (this.sent.length === 0) return;
    const { sent } = this;
    this.sent = [];
    for (const callback of sent) callback();
  }

  private write(): void {
    const view = this.bytes.subarray(0, this.length);
    const isCopied = this.isShared && this.length <= SMALL;
    this.length = 0;
    this.isFull = !this.transport.write(isCopied ? Buffer.from(view) : view);
    // The socket reads later what it could not pass on at once (with TLS that is always so): then the memory is the socket's.
    this.isShared = this.transport.writableLength > 0;
    if ((this.isShared && !isCopied) || this.bytes.length > LARGEST_KEPT)
      this.bytes = Buffer.allocUnsafeSlow(FIRST_SIZE);
  }

  private grow(octets: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.length + octets));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}

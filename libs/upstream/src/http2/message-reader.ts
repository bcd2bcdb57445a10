/** A flag and a length go before each message (gRPC over HTTP/2, Length-Prefixed-Message). */
export const PREFIX_LENGTH = 5;
const COMPRESSED = 1;

/** Why what a peer sends cannot be read. */
export class UnreadableMessage extends Error {
  constructor(
    readonly reason: 'too-large' | 'compressed' | 'no-flag',
    message: string,
  ) {
    super(message);
  }
}

/** A message as it goes on the wire. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_LENGTH + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_LENGTH);
  return frame;
}

/** Finds messages in bytes that come in pieces of any size. Whole ones are not copied. */
export class MessageReader {
  private pieces: Buffer[] = [];
  private held = 0;
  /** Bytes of the message that has begun, with its prefix; the prefix alone while that is not complete. */
  private wanted = PREFIX_LENGTH;

  constructor(
    /** Bytes of one message; -1 for no limit. */
    private readonly limit: number,
  ) {}

  /** Whether a message has begun and not ended. */
  get isPartial(): boolean {
    return this.held > 0;
  }

  /** Appends to `into` every message that is complete now. Throws UnreadableMessage, before it holds what is too large. */
  read(chunk: Buffer, into: Buffer[]): void {
    let rest = this.held === 0 ? chunk : this.completed(chunk);
    while (rest.length >= PREFIX_LENGTH) {
      const end = PREFIX_LENGTH + this.lengthIn(rest);
      if (rest.length < end) {
        this.wanted = end;
        break;
      }
      into.push(rest.subarray(PREFIX_LENGTH, end));
      rest = rest.subarray(end);
    }
    if (rest.length > 0) this.hold(rest);
  }

  /** What is held and the chunk as one, once that is as much as is waited for; until then nothing. */
  private completed(chunk: Buffer): Buffer {
    this.hold(chunk);
    if (this.held < this.wanted) return EMPTY;
    const whole = Buffer.concat(this.pieces, this.held);
    this.pieces = [];
    this.held = 0;
    this.wanted = PREFIX_LENGTH;
    return whole;
  }

  private hold(piece: Buffer): void {
    if (piece.length === 0) return;
    this.pieces.push(piece);
    this.held += piece.length;
  }

  private lengthIn(bytes: Buffer): number {
    const length = bytes.readUInt32BE(1);
    if (this.limit !== -1 && length > this.limit) {
      throw new UnreadableMessage('too-large', `Received message larger than max (${length} vs ${this.limit})`);
    }
    const flag = bytes[0];
    if (flag === COMPRESSED)
      throw new UnreadableMessage('compressed', 'Received a compressed message, which was not asked for');
    if (flag !== 0) throw new UnreadableMessage('no-flag', `Received a message with the flag ${flag}`);
    return length;
  }
}

const EMPTY = Buffer.alloc(0);

import { DomainError } from '#libs/errors';

/** One value of a stream of JSON, as it was sent; whether it is JSON is not known yet. */
export interface JsonPiece {
  readonly bytes: Buffer;
  /** From 0. */
  readonly index: number;
  /** Where it begins, in bytes from the beginning of the stream. */
  readonly offset: number;
}

const [SPACE, TAB, NEWLINE, RETURN] = [0x20, 0x09, 0x0a, 0x0d];
const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d];
const EMPTY = Buffer.alloc(0);

/**
 * Cuts a stream of JSON values - lines (NDJSON) or one behind the other - into its values, in pieces of any size. It only
 * looks for where values end: what stands between is for whoever reads it. Holds no more than one value.
 */
export class JsonSplitter {
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** Bytes before the chunk that is being read. */
  private before = 0;
  private count = 0;
  private depth = 0;
  private within: 'nothing' | 'word' | 'string' | 'value' = 'nothing';
  private isEscaped = false;

  /** `maxBytes`: of one value. */
  constructor(private readonly maxBytes: number) {}

  /** The values that end in this chunk, in order. Throws BODY_TOO_LARGE before it holds what is too large. */
  *read(chunk: Buffer): Generator<JsonPiece, void> {
    let start = this.within === 'nothing' ? -1 : 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.within === 'word' && endsWord(byte)) {
        yield this.piece(chunk, start, at);
        start = -1;
      }
      if (this.within === 'nothing') {
        if (isSpace(byte)) continue;
        start = at;
        this.begin(byte);
      } else if (this.goOn(byte)) {
        yield this.piece(chunk, start, at + 1);
        start = -1;
      }
    }
    if (start >= 0) this.hold(chunk.subarray(start));
    this.before += chunk.length;
  }

  /** What is left when the stream has ended: a word, or a value that is not whole. */
  end(): JsonPiece | undefined {
    if (this.within === 'nothing') return undefined;
    return this.piece(EMPTY, 0, 0);
  }

  private begin(byte: number): void {
    this.within = byte === QUOTE ? 'string' : byte === OPEN_OBJECT || byte === OPEN_ARRAY ? 'value' : 'word';
    this.depth = this.within === 'value' ? 1 : 0;
    this.isEscaped = false;
  }

  /** Whether the value ends with this byte. */
  private goOn(byte: number): boolean {
    if (this.within === 'string') {
      if (this.isEscaped) this.isEscaped = false;
      else if (byte === BACKSLASH) this.isEscaped = true;
      else if (byte === QUOTE) {
        if (this.depth === 0) return true;
        this.within = 'value';
      }
    } else if (this.within === 'value') {
      if (byte === QUOTE) this.within = 'string';
      else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.depth++;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) return --this.depth === 0;
    }
    return false;
  }

  private piece(chunk: Buffer, start: number, end: number): JsonPiece {
    const offset = this.before + start - this.heldBytes;
    this.hold(chunk.subarray(start, end));
    const bytes = this.held.length === 1 ? (this.held[0] ?? EMPTY) : Buffer.concat(this.held, this.heldBytes);
    this.held = [];
    this.heldBytes = 0;
    this.within = 'nothing';
    return { bytes, offset, index: this.count++ };
  }

  private hold(piece: Buffer): void {
    if (this.heldBytes + piece.length > this.maxBytes) throw tooLarge(this.maxBytes, this.count);
    if (piece.length === 0) return;
    this.held.push(piece);
    this.heldBytes += piece.length;
  }
}

const isSpace = (byte: number) => byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;
const endsWord = (byte: number) => isSpace(byte) || byte === QUOTE || byte === OPEN_OBJECT || byte === OPEN_ARRAY;

function tooLarge(bytes: number, index: number): DomainError {
  const message = `Message ${index} of the stream is larger than ${bytes} bytes.`;
  return new DomainError('BODY_TOO_LARGE', { message, metadata: { message: String(index) } });
}

/**
 * What is wrong with one message of a stream, told by its number, from 0: `[3].author.age`; `metadata.message` has the number.
 * A place in the message becomes one in the stream, of which `offset` is the message's.
 */
export function inStream(error: unknown, index: number, offset = 0): unknown {
  if (!(error instanceof DomainError)) return error;
  const at = error.metadata.offset;
  const place = at === undefined ? undefined : Number(at) + offset;
  const violations = error.violations.map(({ field, description, ...more }) => ({
    field: `[${index}]${field === '' ? '' : `.${field}`}`,
    description: place === undefined ? description : description.replace(/\(at byte \d+ /, `(at byte ${place} `),
    ...more,
  }));
  const { code, message, retryAfterSeconds, details } = error;
  return new DomainError(code, {
    ...{ message, violations, details, cause: error },
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    metadata: {
      ...error.metadata,
      message: String(index),
      ...(place !== undefined && { offset: String(place) }),
    },
  });
}

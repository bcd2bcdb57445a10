import { ScalarType } from '@bufbuild/protobuf';
import { giveUp } from './give-up.js';
import { lengthAndText, plainText } from './read-json.js';
import { bits32, exact, fixed, varint } from './write-wire.js';

// The first number that is no index of a JavaScript array.
const FIRST_NO_INDEX = 4_294_967_295;

type Write = (value: number, o: Buffer, w: number) => number;
const zigzag: Write = (value, o, w) => exact(value * 2, o, w);
const NUMBERS: Readonly<Partial<Record<ScalarType, [write: Write, most: number]>>> = {
  [ScalarType.INT32]: [exact, 0x7fffffff],
  [ScalarType.UINT32]: [exact, FIRST_NO_INDEX],
  [ScalarType.SINT32]: [(value, o, w) => varint(value << 1, 0, o, w), 0x7fffffff],
  [ScalarType.FIXED32]: [bits32, FIRST_NO_INDEX],
  [ScalarType.SFIXED32]: [bits32, 0x7fffffff],
  [ScalarType.INT64]: [exact, FIRST_NO_INDEX],
  [ScalarType.UINT64]: [exact, FIRST_NO_INDEX],
  [ScalarType.SINT64]: [zigzag, FIRST_NO_INDEX],
  [ScalarType.FIXED64]: [(value, o, w) => fixed(value, 0, o, w), FIRST_NO_INDEX],
  [ScalarType.SFIXED64]: [(value, o, w) => fixed(value, 0, o, w), FIRST_NO_INDEX],
};

/**
 * Reads the keys of one map. Canonical bytes have the entries in the order of a JavaScript object's keys: indexes first and
 * ascending. Keys that would have to be put in order are given up, as is a key that is there twice.
 */
export class MapKeys {
  private readonly seen = new Set<string>();
  private last = -1;

  constructor(private readonly scalar: ScalarType) {}

  /** As a Reader of read-json.ts. */
  read(b: Buffer, p: number, o: Buffer, w: number): number {
    const text = plainText(b, p);
    if (this.scalar === ScalarType.STRING) return this.text(text, o, w);
    if (this.scalar === ScalarType.BOOL) return this.bool(text, o, w);
    const [write, most] = NUMBERS[this.scalar] ?? giveUp();
    const value = Number(text);
    if (!/^(0|[1-9]\d{0,9})$/.test(text) || value > most || value >= FIRST_NO_INDEX || value <= this.last) giveUp();
    this.last = value;
    return write(value, o, w);
  }

  private text(text: string, o: Buffer, w: number): number {
    if (/^\d/.test(text)) giveUp();
    this.once(text);
    return lengthAndText(text, o, w);
  }

  private bool(text: string, o: Buffer, w: number): number {
    if (text !== 'true' && text !== 'false') giveUp();
    this.once(text);
    o[w] = text === 'true' ? 1 : 0;
    return w + 1;
  }

  private once(text: string): void {
    if (this.seen.has(text)) giveUp();
    this.seen.add(text);
  }
}

import { type DescEnum, ScalarType } from '@bufbuild/protobuf';
import { giveUp } from './give-up.js';
import { cursor } from './wire.js';
import { bits32, exact, fixed, measured, varint } from './write-wire.js';

/*
 * JSON values as protobuf's wire format. Each reader reads the value that begins at `p` of `b`, leaves in `cursor.at` where it
 * ends, writes from `w` of `o` and gives where it stopped. It takes what clients send every day; another spelling, also a
 * right one, is given up and read by reflection. The body is known to be UTF-8; beyond its end there are no bytes.
 */
export type Reader = (b: Buffer, p: number, o: Buffer, w: number) => number;

const [QUOTE, BACKSLASH, MINUS, ZERO, NINE] = [34, 92, 45, 48, 57];
const MAX_LITERAL = 40;

/** Where the white space ends. */
export function space(b: Buffer, p: number): number {
  for (;;) {
    const char = b[p];
    if (char !== 32 && char !== 10 && char !== 13 && char !== 9) return p;
    p++;
  }
}

/** A string with its length before it. */
export const string: Reader = (b, p, o, w) => {
  if (b[p] !== QUOTE) giveUp();
  const at = w++;
  const start = p;
  for (;;) {
    const char = b[++p] ?? giveUp();
    if (char === QUOTE) break;
    if (char === BACKSLASH) return escaped(b, start, o, at);
    if (char < 32) giveUp();
    o[w++] = char;
  }
  cursor.at = p + 1;
  return measured(at, o, w);
};

function escaped(b: Buffer, start: number, o: Buffer, at: number): number {
  const end = closingQuote(b, start) + 1;
  const text: unknown = JSON.parse(b.toString('utf8', start, end));
  if (typeof text !== 'string' || !text.isWellFormed()) return giveUp();
  cursor.at = end;
  return lengthAndText(text, o, at);
}

/** A text with its length before it. */
export function lengthAndText(text: string, o: Buffer, at: number): number {
  const longest = text.length * 3;
  if (at + 1 + longest > o.length) return at + 1 + longest;
  return measured(at, o, at + 1 + o.write(text, at + 1, 'utf8'));
}

function closingQuote(b: Buffer, p: number): number {
  for (;;) {
    const char = b[++p] ?? giveUp();
    if (char === QUOTE) return p;
    if (char === BACKSLASH) p++;
  }
}

/** The text of a string without escapes. */
export function plainText(b: Buffer, p: number): string {
  if (b[p] !== QUOTE) giveUp();
  const end = b.indexOf(QUOTE, p + 1);
  if (end < 0) giveUp();
  const text = b.toString('utf8', p + 1, end);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are refused in JSON
  if (/[\\\u0000-\u001f]/.test(text)) giveUp();
  cursor.at = end + 1;
  return text;
}

/** A whole number of up to 15 digits; more are for `long`. */
function whole(b: Buffer, p: number): number {
  const isNegative = b[p] === MINUS;
  if (isNegative) p++;
  const start = p;
  let value = 0;
  let char = b[p] ?? 0;
  while (char >= ZERO && char <= NINE) {
    value = value * 10 + char - ZERO;
    char = b[++p] ?? 0;
  }
  const digits = p - start;
  // A point or an exponent follows (46, 69, 101), or a zero leads; -0 is no whole number to everybody.
  if (char === 46 || (char | 32) === 101 || digits === 0 || digits > 15) giveUp();
  if (b[start] === ZERO && (digits > 1 || isNegative)) giveUp();
  cursor.at = p;
  return isNegative ? -value : value;
}

function within(value: number, least: number, most: number): number {
  return value >= least && value <= most ? value : giveUp();
}

const signed32 = (b: Buffer, p: number) => within(whole(b, p), -0x80000000, 0x7fffffff);
const unsigned32 = (b: Buffer, p: number) => within(whole(b, p), 0, 0xffffffff);
const zigzag32 = (n: number) => (n << 1) ^ (n >> 31);

export const int32: Reader = (b, p, o, w) => exact(signed32(b, p), o, w);
export const uint32: Reader = (b, p, o, w) => exact(unsigned32(b, p), o, w);
export const sint32: Reader = (b, p, o, w) => varint(zigzag32(signed32(b, p)), 0, o, w);
export const fixed32: Reader = (b, p, o, w) => bits32(unsigned32(b, p), o, w);
export const sfixed32: Reader = (b, p, o, w) => bits32(signed32(b, p), o, w);

const bits = { low: 0, high: 0 };

/** 64 bits, with or without quotes, into `bits`. */
function long(b: Buffer, p: number, isSigned: boolean): void {
  const isQuoted = b[p] === QUOTE;
  const start = isQuoted ? p + 1 : p;
  const end = endOfNumber(b, start);
  const digits = end - start;
  if (digits <= 15) {
    const value = whole(b, start);
    if (cursor.at !== end || (value < 0 && !isSigned)) giveUp();
    bits.high = Math.floor(value / 0x100000000);
    bits.low = value - bits.high * 0x100000000;
  } else {
    longer(b.toString('latin1', start, end), isSigned);
  }
  if (isQuoted && b[end] !== QUOTE) giveUp();
  cursor.at = isQuoted ? end + 1 : end;
}

function longer(text: string, isSigned: boolean): void {
  if (!/^-?[1-9]\d{13,19}$/.test(text)) giveUp();
  const value = BigInt(text);
  if (value !== (isSigned ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value))) giveUp();
  bits.low = Number(value & 0xffffffffn);
  bits.high = Number((value >> 32n) & 0xffffffffn);
}

export const int64: Reader = (b, p, o, w) => {
  long(b, p, true);
  return varint(bits.low, bits.high, o, w);
};
export const uint64: Reader = (b, p, o, w) => {
  long(b, p, false);
  return varint(bits.low, bits.high, o, w);
};
export const sint64: Reader = (b, p, o, w) => {
  long(b, p, true);
  const { low, high } = bits;
  const sign = high >> 31;
  return varint((low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign, o, w);
};
export const sfixed64: Reader = (b, p, o, w) => {
  long(b, p, true);
  return fixed(bits.low, bits.high, o, w);
};
export const unsignedFixed64: Reader = (b, p, o, w) => {
  long(b, p, false);
  return fixed(bits.low, bits.high, o, w);
};

function endOfNumber(b: Buffer, p: number): number {
  for (;;) {
    const char = b[p] ?? 0;
    const isPart =
      (char >= ZERO && char <= NINE) || char === MINUS || char === 43 || char === 46 || (char | 32) === 101;
    if (!isPart) return p;
    p++;
  }
}

const view = new DataView(new ArrayBuffer(8));

function real(b: Buffer, p: number): number {
  const end = endOfNumber(b, p);
  if (end - p > MAX_LITERAL) giveUp();
  const literal = b.toString('latin1', p, end);
  const value = Number(literal);
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(literal) || !Number.isFinite(value)) giveUp();
  cursor.at = end;
  return value;
}

export const double: Reader = (b, p, o, w) => {
  view.setFloat64(0, real(b, p), true);
  return fixed(view.getInt32(0, true), view.getInt32(4, true), o, w);
};
export const float: Reader = (b, p, o, w) => {
  const value = Math.fround(real(b, p));
  if (!Number.isFinite(value)) giveUp();
  view.setFloat32(0, value, true);
  return bits32(view.getInt32(0, true), o, w);
};

export const bool: Reader = (b, p, o, w) => {
  const isTrue = b[p] === 116;
  const word = isTrue ? 'true' : 'false';
  if (b.toString('latin1', p, p + word.length) !== word) giveUp();
  cursor.at = p + word.length;
  o[w] = isTrue ? 1 : 0;
  return w + 1;
};

/** Base64 with its padding, as most write it. */
export const bytes: Reader = (b, p, o, w) => {
  const text = plainText(b, p);
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) giveUp();
  if (w + 1 + text.length > o.length) return w + 1 + text.length;
  return measured(w, o, w + 1 + o.write(text, w + 1, 'base64'));
};

/** Values by their names, or as numbers. */
export function enumReader(desc: DescEnum): Reader {
  if (desc.typeName === 'google.protobuf.NullValue') return giveUp;
  const numbers = new Map(desc.values.map(({ jsonName, number }) => [jsonName, number]));
  for (const { name, number } of desc.values) numbers.set(name, number);
  return (b, p, o, w) => {
    const value = b[p] === QUOTE ? (numbers.get(plainText(b, p)) ?? giveUp()) : signed32(b, p);
    return exact(value, o, w);
  };
}

export const SCALAR_READERS: Readonly<Record<ScalarType, Reader>> = {
  [ScalarType.DOUBLE]: double,
  [ScalarType.FLOAT]: float,
  [ScalarType.INT64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.INT32]: int32,
  [ScalarType.FIXED64]: unsignedFixed64,
  [ScalarType.FIXED32]: fixed32,
  [ScalarType.BOOL]: bool,
  [ScalarType.STRING]: string,
  [ScalarType.BYTES]: bytes,
  [ScalarType.UINT32]: uint32,
  [ScalarType.SFIXED32]: sfixed32,
  [ScalarType.SFIXED64]: sfixed64,
  [ScalarType.SINT32]: sint32,
  [ScalarType.SINT64]: sint64,
};

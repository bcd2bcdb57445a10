import { shortestFloat32 } from '../float32.js';
import { giveUp } from './give-up.js';
import { cursor, fixed64, lengthEnd, varint32, varint64 } from './wire.js';

/*
 * Values from the wire as JSON. Each writer reads at `p` of `b`, leaves in `cursor.at` where the value ends, writes from `w`
 * of `o` and gives where it stopped. Writes beyond the end of `o` are lost: whoever began checks the last `w`. They take more
 * than three parameters: an object for each value would cost more than the value.
 */
export type Writer = (b: Buffer, p: number, o: Buffer, w: number) => number;

const [QUOTE, BACKSLASH, MINUS, ZERO] = [34, 92, 45, 48];
const HEX = Buffer.from('0123456789abcdef');
/** By byte: what follows a backslash; 0: it is not escaped; `u`: \u00XX. */
const ESCAPES = new Uint8Array(256).fill(117, 0, 32);
for (const [code, short] of [...'\b\t\n\f\r"\\'].map((char) => [
  char.charCodeAt(0),
  JSON.stringify(char).charCodeAt(2),
])) {
  ESCAPES[code ?? 0] = short ?? 0;
}

export const string: Writer = (b, p, o, w) => {
  let end = b[p] ?? giveUp();
  if (end < 128) {
    p++;
    end += p;
  } else {
    end = lengthEnd(b, p);
    p = cursor.at;
  }
  if (end > b.length) giveUp();
  o[w++] = QUOTE;
  while (p < end) {
    const char = b[p++] ?? 0;
    if (ESCAPES[char] === 0) o[w++] = char;
    else w = escaped(char, o, w);
  }
  o[w] = QUOTE;
  cursor.at = end;
  return w + 1;
};

function escaped(char: number, o: Buffer, w: number): number {
  const short = ESCAPES[char] ?? 0;
  o[w++] = BACKSLASH;
  o[w++] = short;
  if (short !== 117) return w;
  o[w++] = ZERO;
  o[w++] = ZERO;
  o[w++] = HEX[char >> 4] ?? 0;
  o[w++] = HEX[char & 15] ?? 0;
  return w;
}

/** Text that is not from the wire, in quotes. */
export function quoted(content: string, o: Buffer, w: number): number {
  return json(JSON.stringify(content), o, w);
}

/** JSON that was written elsewhere. */
export function json(source: string, o: Buffer, w: number): number {
  const longest = source.length * 3;
  return w + longest > o.length ? w + longest : w + o.write(source, w, 'utf8');
}

export function text(ascii: string, o: Buffer, w: number): number {
  return w + ascii.length > o.length ? w + ascii.length : w + o.write(ascii, w, 'latin1');
}

/** A whole number of up to 31 bits, not negative. */
export function natural(n: number, o: Buffer, w: number): number {
  if (n < 10) {
    o[w] = ZERO + n;
    return w + 1;
  }
  let length = 2;
  for (let power = 100; n >= power && length < 10; power *= 10) length++;
  for (let i = w + length; i > w; ) {
    const rest = (n / 10) | 0;
    o[--i] = ZERO + n - rest * 10;
    n = rest;
  }
  return w + length;
}

export function whole(n: number, o: Buffer, w: number): number {
  if (n >= 0 && n <= 0x7fffffff) return natural(n, o, w);
  if (n >= 0 || n === -0x80000000) return text(String(n), o, w);
  o[w] = MINUS;
  return natural(-n, o, w + 1);
}

function wholeOf64(low: number, high: number, signed: boolean): string {
  if (high >= 0 && high < 0x200000) return String(high * 0x100000000 + (low >>> 0));
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return String(signed ? BigInt.asIntN(64, bits) : bits);
}

/** 64 bits are told as a string. */
function long(low: number, signed: boolean, o: Buffer, w: number): number {
  const { high } = cursor;
  o[w++] = QUOTE;
  w = high === 0 && low >= 0 ? natural(low, o, w) : text(wholeOf64(low, high, signed), o, w);
  o[w] = QUOTE;
  return w + 1;
}

const zigzag32 = (n: number) => (n >>> 1) ^ -(n & 1);

export const int32: Writer = (b, p, o, w) => whole(varint32(b, p), o, w);
export const uint32: Writer = (b, p, o, w) => whole(varint32(b, p) >>> 0, o, w);
export const sint32: Writer = (b, p, o, w) => whole(zigzag32(varint32(b, p)), o, w);
export const int64: Writer = (b, p, o, w) => long(varint64(b, p), true, o, w);
export const uint64: Writer = (b, p, o, w) => long(varint64(b, p), false, o, w);
export const sint64: Writer = (b, p, o, w) => {
  const low = varint64(b, p);
  const { high } = cursor;
  const sign = -(low & 1);
  cursor.high = (high >>> 1) ^ sign;
  return long(((low >>> 1) | ((high & 1) << 31)) ^ sign, true, o, w);
};
export const sfixed64: Writer = (b, p, o, w) => long(fixed64(b, p), true, o, w);
export const unsignedFixed64: Writer = (b, p, o, w) => long(fixed64(b, p), false, o, w);

export const fixed32: Writer = (b, p, o, w) => {
  cursor.at = p + 4;
  return whole(b.readUInt32LE(p), o, w);
};
export const sfixed32: Writer = (b, p, o, w) => {
  cursor.at = p + 4;
  return whole(b.readInt32LE(p), o, w);
};

function real(n: number, o: Buffer, w: number): number {
  if ((n | 0) === n) return whole(n, o, w);
  return text(Number.isFinite(n) ? String(n) : `"${n}"`, o, w);
}

export const double: Writer = (b, p, o, w) => {
  cursor.at = p + 8;
  return real(b.readDoubleLE(p), o, w);
};
export const float: Writer = (b, p, o, w) => {
  cursor.at = p + 4;
  return real(shortestFloat32(b.readFloatLE(p)), o, w);
};

export const bool: Writer = (b, p, o, w) => text(varint64(b, p) === 0 && cursor.high === 0 ? 'false' : 'true', o, w);

export const bytes: Writer = (b, p, o, w) => {
  const end = lengthEnd(b, p);
  o[w] = QUOTE;
  w = text(b.toString('base64', cursor.at, end), o, w + 1);
  o[w] = QUOTE;
  cursor.at = end;
  return w + 1;
};

/** google.protobuf.NullValue has no other value to tell. */
export const nothing: Writer = (b, p, o, w) => {
  varint32(b, p);
  return text('null', o, w);
};

import { giveUp } from './give-up.js';

/*
 * Reading protobuf's wire format (https://protobuf.dev/programming-guides/encoding) where generated code stands in a buffer.
 * A reader leaves in `cursor.at` where its value ends. Beyond the end there are no bytes: whoever reads checks afterwards that
 * a message ended where it said, and no loop is longer than the buffer.
 */
export const cursor = { at: 0, high: 0 };

/** The low 32 bits of a varint, signed. */
export function varint32(b: Uint8Array, p: number): number {
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = b[p++] ?? giveUp();
    if (shift < 32) value |= (byte & 127) << shift;
    if (byte < 128) {
      cursor.at = p;
      return value;
    }
  }
  return giveUp();
}

/** The low 32 bits of a varint, signed; the high ones, signed, are in `cursor.high`. */
export function varint64(b: Uint8Array, p: number): number {
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = b[p++] ?? giveUp();
    if (shift < 32) low |= (byte & 127) << shift;
    if (shift > 28) high |= (byte & 127) << (shift - 32);
    else if (shift === 28) high |= (byte & 127) >> 4;
    if (byte < 128) {
      cursor.at = p;
      cursor.high = high;
      return low;
    }
  }
  return giveUp();
}

/** Eight bytes, least first, as varint64 gives them. */
export function fixed64(b: Buffer, p: number): number {
  cursor.high = b.readInt32LE(p + 4);
  cursor.at = p + 8;
  return b.readInt32LE(p);
}

/** A tag of more than one byte. */
export function longTag(b: Uint8Array, p: number): number {
  const tag = varint32(b, p) >>> 0;
  const length = cursor.at - p;
  if (length > 5 || (length === 5 && (b[p + 4] ?? 0) > 15)) giveUp();
  return tag;
}

/** Where a length leads that stands at `p`; `cursor.at` is where it begins. */
export function lengthEnd(b: Uint8Array, p: number): number {
  const length = varint32(b, p) >>> 0;
  return length > b.length - cursor.at ? giveUp() : cursor.at + length;
}

/**
 * Passes over unknown fields from the one with `tag`, up to `end`; each has a number above `last`, so that none is out of
 * order. Gives the first tag that is not below `limit`, or -1 at the end.
 */
export function skip(b: Uint8Array, p: number, end: number, tag: number, last: number, limit: number): number {
  let current = tag;
  while (current < limit) {
    if (current >>> 3 <= last) giveUp();
    p = skipValue(b, p, current & 7);
    cursor.at = p;
    if (p >= end) return -1;
    current = longTag(b, p);
    p = cursor.at;
  }
  return current;
}

/** Where a value ends. Groups are left to the reflective way. */
export function skipValue(b: Uint8Array, p: number, wireType: number): number {
  if (wireType === 2) return lengthEnd(b, p);
  if (wireType === 1) return p + 8;
  if (wireType === 5) return p + 4;
  if (wireType !== 0) giveUp();
  varint32(b, p);
  return cursor.at;
}

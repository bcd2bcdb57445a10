/*
 * Writing protobuf's wire format from `w` of `o`; each function gives where it stopped. Writes beyond the end of `o` are lost:
 * whoever began checks the last `w`.
 */

/** 64 bits in two halves; bits beyond the 32 of each are of no matter. */
export function varint(low: number, high: number, o: Buffer, w: number): number {
  low >>>= 0;
  high >>>= 0;
  while (high > 0 || low > 127) {
    o[w++] = (low & 127) | 128;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  o[w] = low;
  return w + 1;
}

/** A whole number that a double holds exactly. */
export function exact(value: number, o: Buffer, w: number): number {
  if (value >= 0 && value < 128) {
    o[w] = value;
    return w + 1;
  }
  const high = Math.floor(value / 0x100000000);
  return varint(value - high * 0x100000000, high, o, w);
}

export function fixed(low: number, high: number, o: Buffer, w: number): number {
  return bits32(high, o, bits32(low, o, w));
}

export function bits32(bits: number, o: Buffer, w: number): number {
  o[w] = bits;
  o[w + 1] = bits >>> 8;
  o[w + 2] = bits >>> 16;
  o[w + 3] = bits >>> 24;
  return w + 4;
}

/** Puts the length of what stands from `at + 1` to `w` at `at`, and moves it where the length takes more than that byte. */
export function measured(at: number, o: Buffer, w: number): number {
  const length = w - at - 1;
  if (length < 128) {
    o[at] = length;
    return w;
  }
  const more = length < 0x4000 ? 1 : length < 0x200000 ? 2 : 3;
  o.copyWithin(at + 1 + more, at + 1, w);
  varint(length, 0, o, at);
  return w + more;
}

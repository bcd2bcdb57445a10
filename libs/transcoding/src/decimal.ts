import { ScalarType } from '@bufbuild/protobuf';

const LONG = new Set([ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64]);
const SHORT = new Set([
  ScalarType.INT32,
  ScalarType.UINT32,
  ScalarType.SINT32,
  ScalarType.FIXED32,
  ScalarType.SFIXED32,
]);

export const isLong = (scalar: ScalarType | undefined): boolean => scalar !== undefined && LONG.has(scalar);

const DECIMAL = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * The number that a float field has on the wire, where it is too small for one: @bufbuild/protobuf keeps a double, which is not
 * zero, and so would write a zero that has no place in canonical bytes.
 */
export function withoutUnderflow(scalar: ScalarType | undefined, value: number): number {
  const small = scalar === ScalarType.FLOAT ? Math.fround(value) : value;
  return small === 0 ? small : value;
}

/**
 * The text of a number as fromJson of @bufbuild/protobuf may be given it: for an integer that is not written in decimal, the empty
 * text, which it refuses. It takes spaces for 0, and hexadecimal; the mapping has neither
 * (https://protobuf.dev/programming-guides/json).
 */
export function decimal(scalar: ScalarType | undefined, text: string): string {
  const isRefused = isLong(scalar)
    ? !/^-?\d+$/.test(text)
    : scalar !== undefined && SHORT.has(scalar) && !DECIMAL.test(text);
  if (scalar === ScalarType.FLOAT && DECIMAL.test(text)) {
    const value = withoutUnderflow(scalar, Number(text));
    if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  }
  return isRefused ? '' : text;
}

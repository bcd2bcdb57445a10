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

/**
 * The text of a number as fromJson of @bufbuild/protobuf may be given it: for an integer that is not written in decimal, the empty
 * text, which it refuses. It takes spaces for 0, and hexadecimal; the mapping has neither
 * (https://protobuf.dev/programming-guides/json).
 */
export function decimal(scalar: ScalarType | undefined, text: string): string {
  const isRefused = isLong(scalar)
    ? !/^-?\d+$/.test(text)
    : scalar !== undefined && SHORT.has(scalar) && !/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);
  return isRefused ? '' : text;
}

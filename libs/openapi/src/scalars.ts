import { type DescField, ScalarType } from '@bufbuild/protobuf';
import type { Schema, Use } from './json.js';
import { type IntegerRange, patternOfRange } from './number-range.js';

const NOT_FINITE = { type: 'string', enum: ['NaN', 'Infinity', '-Infinity'] };
const BASE64 = '^[A-Za-z0-9+/_-]*={0,2}$';
const [MAX_INT32, MAX_UINT32] = [2_147_483_647, 4_294_967_295];
const INT64: IntegerRange = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const UINT64: IntegerRange = { min: 0n, max: 2n ** 64n - 1n };

/** How wide an integer is, by ProtoJSON: 64 bits travel as text, since a double holds 53. */
export function rangeOf64Bits(scalar: ScalarType | undefined): IntegerRange | undefined {
  switch (scalar) {
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return INT64;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return UINT64;
    default:
      return undefined;
  }
}

/** The integers of 32 bits, which travel as numbers. */
export function rangeOf32Bits(scalar: ScalarType | undefined): IntegerRange | undefined {
  switch (scalar) {
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return { min: -BigInt(MAX_INT32) - 1n, max: BigInt(MAX_INT32) };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { min: 0n, max: BigInt(MAX_UINT32) };
    default:
      return undefined;
  }
}

/** A scalar by ProtoJSON, without rules. */
export function scalarSchema(scalar: ScalarType, use: Use): Schema {
  const inRequest = use !== 'response';
  switch (scalar) {
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.BYTES:
      return { type: 'string', contentEncoding: 'base64', ...(inRequest && { pattern: BASE64 }) };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT: {
      const number = { type: 'number', format: scalar === ScalarType.FLOAT ? 'float' : 'double' };
      return { anyOf: [number, NOT_FINITE] };
    }
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return {
        type: 'integer',
        format: 'int32',
        ...(inRequest && { minimum: -MAX_INT32 - 1, maximum: MAX_INT32 }),
      };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { type: 'integer', format: 'uint32', minimum: 0, ...(inRequest && { maximum: MAX_UINT32 }) };
    default: {
      const range = rangeOf64Bits(scalar) ?? INT64;
      const isSigned = range === INT64;
      // What is sent must be within 64 bits; a reader of answers is better served by a pattern that fits on a line.
      const readable = isSigned ? '^-?(0|[1-9][0-9]{0,18})$' : '^(0|[1-9][0-9]{0,19})$';
      return {
        type: 'string',
        format: isSigned ? 'int64' : 'uint64',
        pattern: inRequest ? patternOfRange(range) : readable,
      };
    }
  }
}

/** True for an enum's value that means "not set", which answers leave out. */
export function isUnset(field: DescField): boolean {
  return field.enum?.values[0]?.name.endsWith('UNSPECIFIED') ?? false;
}

import { ScalarType } from '@bufbuild/protobuf';
import { isLong } from '../decimal.js';
import type { Json } from '../json.js';
import { finite, goBase64, goBool, goFloat, goInteger, type IntegerRange, wholeNumber, within } from './go-text.js';

/** The value of a scalar field as reflection takes it. */
export type ScalarValue = string | boolean | number | bigint | Uint8Array;

const INT32: IntegerRange = { least: -(2n ** 31n), most: 2n ** 31n - 1n };
const INT64: IntegerRange = { least: -(2n ** 63n), most: 2n ** 63n - 1n };
const UINT32: IntegerRange = { least: 0n, most: 2n ** 32n - 1n };
const UINT64: IntegerRange = { least: 0n, most: 2n ** 64n - 1n };
const RANGES: Readonly<Partial<Record<ScalarType, IntegerRange>>> = {
  [ScalarType.INT32]: INT32,
  [ScalarType.SINT32]: INT32,
  [ScalarType.SFIXED32]: INT32,
  [ScalarType.UINT32]: UINT32,
  [ScalarType.FIXED32]: UINT32,
  [ScalarType.INT64]: INT64,
  [ScalarType.SINT64]: INT64,
  [ScalarType.SFIXED64]: INT64,
  [ScalarType.UINT64]: UINT64,
  [ScalarType.FIXED64]: UINT64,
};

/** A value of a path or a query, which is read by strconv. Undefined where it is refused. */
export function textScalar(scalar: ScalarType, text: string): ScalarValue | undefined {
  const range = RANGES[scalar];
  if (range) return sized(scalar, goInteger(text, range));
  if (scalar === ScalarType.BOOL) return goBool(text);
  if (scalar === ScalarType.FLOAT) return goFloat(text, 32);
  if (scalar === ScalarType.DOUBLE) return goFloat(text, 64);
  if (scalar === ScalarType.BYTES) return goBase64(text);
  return text.isWellFormed() ? text : undefined;
}

/** A value of a body, as canonical JSON, which is read by protojson. Undefined where it is refused. */
export function jsonScalar(scalar: ScalarType | undefined, value: Json): Json | undefined {
  if (scalar === undefined) return undefined;
  const range = RANGES[scalar];
  if (range) {
    const whole = wholeOf(value);
    return whole === undefined ? undefined : asJson(sized(scalar, within(whole, range)));
  }
  if (scalar === ScalarType.FLOAT || scalar === ScalarType.DOUBLE)
    return real(value, scalar === ScalarType.FLOAT ? 32 : 64);
  if (scalar === ScalarType.BOOL) return typeof value === 'boolean' ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (scalar !== ScalarType.BYTES) return value;
  const bytes = goBase64(value);
  return bytes && Buffer.from(bytes).toString('base64');
}

/** The key of a map as one of JSON, spelled as everybody does: `+05` is `5`. Undefined where it is refused. */
export function mapKey(scalar: ScalarType, text: string): string | undefined {
  if (scalar === ScalarType.STRING) return text;
  if (scalar === ScalarType.BOOL) return text === 'true' || text === 'false' ? text : undefined;
  const range = RANGES[scalar];
  const whole = range && goInteger(text, range);
  return whole === undefined ? undefined : String(whole);
}

function wholeOf(value: Json): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' ? wholeNumber(value) : undefined;
}

function real(value: Json, bits: 32 | 64): Json | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return finite(Number(value), bits);
  if (typeof value !== 'string') return undefined;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value;
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(value) ? finite(Number(value), bits) : undefined;
}

function sized(scalar: ScalarType, whole: bigint | undefined): bigint | number | undefined {
  return whole === undefined || isLong(scalar) ? whole : Number(whole);
}

function asJson(value: bigint | number | undefined): Json | undefined {
  return typeof value === 'bigint' ? String(value) : value;
}

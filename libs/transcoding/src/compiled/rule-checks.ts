import { ScalarType } from '@bufbuild/protobuf';
import { cursor, varint32, varint64 } from './wire.js';

/** Whether a value is surely valid that stands on the wire from `from` to `to` of `o`, without its tag. */
export type Check = (o: Buffer, from: number, to: number) => boolean;

/** The rules of one field that are there, by their names in the proto. */
export type SetRules = ReadonlyMap<string, unknown>;

type Value = number | bigint | boolean;
type Decode = (o: Buffer, from: number) => Value;

const KNOWN = new Set(['const', 'lt', 'lte', 'gt', 'gte', 'in', 'not_in', 'defined_only', 'finite', 'example']);

const signed64: Decode = (o, from) => {
  const low = varint64(o, from);
  return BigInt.asIntN(64, (BigInt(cursor.high >>> 0) << 32n) | BigInt(low >>> 0));
};
const zigzag = (n: bigint) => (n >> 1n) ^ -(n & 1n);

const DECODE: Readonly<Partial<Record<ScalarType, Decode>>> = {
  [ScalarType.BOOL]: (o, from) => o[from] !== 0,
  [ScalarType.INT32]: varint32,
  [ScalarType.UINT32]: (o, from) => varint32(o, from) >>> 0,
  [ScalarType.SINT32]: (o, from) => Number(zigzag(BigInt(varint32(o, from) >>> 0))),
  [ScalarType.FIXED32]: (o, from) => o.readUInt32LE(from),
  [ScalarType.SFIXED32]: (o, from) => o.readInt32LE(from),
  [ScalarType.INT64]: signed64,
  [ScalarType.UINT64]: (o, from) => BigInt.asUintN(64, BigInt(signed64(o, from))),
  [ScalarType.SINT64]: (o, from) => zigzag(BigInt.asUintN(64, BigInt(signed64(o, from)))),
  [ScalarType.FIXED64]: (o, from) => o.readBigUInt64LE(from),
  [ScalarType.SFIXED64]: (o, from) => o.readBigInt64LE(from),
  [ScalarType.FLOAT]: (o, from) => o.readFloatLE(from),
  [ScalarType.DOUBLE]: (o, from) => o.readDoubleLE(from),
};

/** For numbers, enums and bools; undefined: no rule. JSON that compiled code reads has neither NaN nor infinity. */
export function numberCheck(
  set: SetRules,
  scalar: ScalarType,
  defined?: ReadonlySet<number>,
): Check | 'doubtful' | undefined {
  const decode = DECODE[scalar];
  if (!decode || [...set.keys()].some((name) => !KNOWN.has(name))) return 'doubtful';
  const [least, most] = [bound(set, 'gt') ?? bound(set, 'gte'), bound(set, 'lt') ?? bound(set, 'lte')];
  // A range that is turned around means what lies outside of it.
  if (least !== undefined && most !== undefined && least >= most) return 'doubtful';
  const tests = [...set].flatMap(([name, rule]) => testOf(name, rule, defined) ?? []);
  if (tests.length === 0) return undefined;
  return (o, from) => {
    const value = decode(o, from);
    return tests.every((test) => test(value));
  };
}

function testOf(name: string, rule: unknown, defined?: ReadonlySet<number>): ((value: Value) => boolean) | undefined {
  if (name === 'in' || name === 'not_in') {
    const values = new Set(Array.isArray(rule) ? rule : []);
    return (value) => values.has(value) === (name === 'in');
  }
  if (name === 'defined_only') return rule === true ? (value) => defined?.has(Number(value)) === true : undefined;
  if (typeof rule !== 'number' && typeof rule !== 'bigint' && typeof rule !== 'boolean') return undefined;
  if (name === 'const') return (value) => value === rule;
  if (name === 'lt') return (value) => value < rule;
  if (name === 'lte') return (value) => value <= rule;
  if (name === 'gt') return (value) => value > rule;
  return name === 'gte' ? (value) => value >= rule : undefined;
}

function bound(set: SetRules, name: string): number | bigint | undefined {
  const rule = set.get(name);
  return typeof rule === 'number' || typeof rule === 'bigint' ? rule : undefined;
}

import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { isWrapperDesc } from '@bufbuild/protobuf/wkt';

const AS_TEXT: Readonly<Record<string, string>> = {
  'google.protobuf.Timestamp': 'a timestamp such as "2026-01-31T12:00:00Z"',
  'google.protobuf.Duration': 'a duration such as "1.5s"',
  'google.protobuf.FieldMask': 'a field mask such as "title,price"',
};
const FREE = new Set(['google.protobuf.Struct', 'google.protobuf.Value', 'google.protobuf.ListValue']);

/** Messages whose JSON form holds any JSON: Struct, Value, ListValue. */
export function isFreeForm(message: DescMessage): boolean {
  return FREE.has(message.typeName);
}

/** google.protobuf.Any: its JSON form names its type. */
export function isAny(message: DescMessage): boolean {
  return message.typeName === 'google.protobuf.Any';
}

/** Messages with a JSON form of their own, whose keys are not fields. */
export function hasOwnJson(message: DescMessage): boolean {
  return isFreeForm(message) || isAny(message) || isTextMessage(message);
}

/** Messages that one text can give: Timestamp, Duration, FieldMask and the wrappers of scalars. */
export function isTextMessage(message: DescMessage): boolean {
  return Object.hasOwn(AS_TEXT, message.typeName) || isWrapperDesc(message);
}

/** What a client should have sent as one value of a field, for violations: "must be …". */
export function expectation({ enum: enumeration, message, scalar }: DescField): string {
  if (enumeration) return `one of ${enumeration.values.map(({ name }) => name).join(', ')}`.slice(0, 500);
  if (scalar !== undefined) return SCALARS[scalar] ?? 'a value of its type';
  if (!message) return 'a value of its type';
  const wrapped = isWrapperDesc(message) ? message.fields[0] : undefined;
  return AS_TEXT[message.typeName] ?? (wrapped ? expectation(wrapped) : 'an object');
}

const [INT32, INT64] = ['a whole number of 32 bits', 'a whole number of 64 bits'];
const [UINT32, UINT64] = ['a whole number of 32 bits, not negative', 'a whole number of 64 bits, not negative'];
/** By ScalarType. */
const SCALARS: Readonly<Record<number, string>> = {
  1: 'a number',
  2: 'a number of single precision',
  3: INT64,
  4: UINT64,
  5: INT32,
  6: UINT64,
  7: UINT32,
  8: 'true or false',
  9: 'a string',
  12: 'a string in base64',
  13: UINT32,
  15: INT32,
  16: INT64,
  17: INT32,
  18: INT64,
};

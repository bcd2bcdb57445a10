import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { isWrapperDesc } from '@bufbuild/protobuf/wkt';
import type { Random } from '../random.js';

type Make = (random: Random) => string;

const STRINGS = [
  'a',
  'Ada',
  'a@b.example',
  'Café “x” 😀',
  '',
  '\u0000',
  '\\/"',
  '0b6f4e55-5d4c-4c5c-8a0e-1f1a5f1b9a11',
  'mug',
];
const ESCAPED = ['"\\u0041\\ud83d\\ude00"', '"\\/\\b"', '"\\ud800"'];
const whole =
  (values: readonly string[]): Make =>
  (random) => {
    const value = random.chance(0.5) ? String(random.below(1_000)) : random.of(values);
    return random.chance(0.3) ? `"${value}"` : value;
  };
const int32 = whole(['0', '-1', '2147483647', '-2147483648', '2147483648', '1e2', '1.0', '1.5', '-0', '01']);
const uint32 = whole(['0', '4294967295', '4294967296', '-1', '1e9']);
const int64 = whole([
  '0',
  '-1',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '1e18',
]);
const uint64 = whole(['0', '18446744073709551615', '18446744073709551616', '-1']);
const real: Make = (random) =>
  random.of(['0', '-0', '0.1', '1e21', '5e-324', '1e400', '"NaN"', '"-Infinity"', '3.5e38', '"1.5"', '16777217', '.5']);
const text: Make = (random) => (random.chance(0.9) ? JSON.stringify(random.of(STRINGS)) : random.of(ESCAPED));
const bool: Make = (random) => random.of(['true', 'true', 'false', 'false', '"true"', '1']);
const base64: Make = (random) => random.of(['""', '"3q2+7w=="', '"3q2-7w"', '"_-8="', '"AR=="', '"A"', '"%"']);

const SCALARS: Readonly<Record<number, Make>> = {
  [ScalarType.DOUBLE]: real,
  [ScalarType.FLOAT]: real,
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.BOOL]: bool,
  [ScalarType.STRING]: text,
  [ScalarType.BYTES]: base64,
};
const WELL_KNOWN: Readonly<Record<string, readonly string[]>> = {
  'google.protobuf.Timestamp': [
    '"2026-01-31T12:00:00Z"',
    '"2024-02-29T23:59:59.123456789+01:00"',
    '"2026-02-30T00:00:00Z"',
    '1',
  ],
  'google.protobuf.Duration': ['"1s"', '"-1.5s"', '"315576000001s"', '"1"'],
  'google.protobuf.FieldMask': ['"name,author.firstName"', '""', '"a_b"'],
  'google.protobuf.Struct': ['{}', '{"a":[1,{"b":null}],"__proto__":"x"}', '{"a":1e400}'],
  'google.protobuf.Value': ['null', '[1,"x"]', '{"a":true}'],
  'google.protobuf.ListValue': ['[]', '[[null]]'],
  'google.protobuf.Any': [
    '{}',
    '{"@type":"type.googleapis.com/toy.Author","firstName":"Ada"}',
    '{"@type":"x/google.protobuf.Duration","value":"1s"}',
    '{"@type":"x/none"}',
  ],
};
const SPACES = ['', '', '', '', '', ' ', '\n\t', '\r'];

/** JSON for a message, most of which it takes: so that what reads it gets far. */
export function fitting(message: DescMessage, random: Random, depth = 0): string {
  const known = WELL_KNOWN[message.typeName];
  if (known) return random.of(known);
  const wrapped = isWrapperDesc(message) ? message.fields[0] : undefined;
  if (wrapped) return one(wrapped, random, depth);
  const share = depth > 2 ? 0.1 : 0.4;
  const members = message.fields.filter(() => random.chance(share)).map((field) => memberOf(field, random, depth));
  if (random.chance(0.03))
    members.push(random.of(['"zzz":1', '"__proto__":{}', '"name":"twice"', '"page_count":1,"pageCount":2']));
  if (random.chance(0.3)) members.reverse();
  const gap = random.of(SPACES);
  return `{${gap}${members.join(`${gap},${random.of(SPACES)}`)}${gap}}`;
}

/** JSON for a field. */
export function fittingField(field: DescField, random: Random, depth: number): string {
  if (random.chance(0.01)) return 'null';
  const several = () => Array.from({ length: random.below(4) }, () => one(field, random, depth));
  if (field.fieldKind === 'list') return `[${several().join(random.of(SPACES).concat(','))}]`;
  if (field.fieldKind !== 'map') return one(field, random, depth);
  return `{${several()
    .map(
      (value, index) =>
        `"${field.mapKey === ScalarType.STRING ? random.of(['a', 'b', '__proto__', '1']) : index}":${value}`,
    )
    .join()}}`;
}

function memberOf(field: DescField, random: Random, depth: number): string {
  const key = JSON.stringify(random.chance(0.8) ? field.jsonName : field.name);
  return `${key}${random.of(SPACES)}:${random.of(SPACES)}${fittingField(field, random, depth)}`;
}

function one({ message, enum: enumeration, scalar }: DescField, random: Random, depth: number): string {
  if (message) return fitting(message, random, depth + 1);
  if (!enumeration) return (SCALARS[scalar ?? ScalarType.STRING] ?? text)(random);
  const { name, number } = random.of(enumeration.values);
  return random.of([`"${name}"`, `"${name}"`, String(number), '"NONE"', '99']);
}

import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { isWrapperDesc } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';

/** JSON source: not made by JSON.stringify, so that it may be what nobody would write. */
type Source = fc.Arbitrary<string>;

const quote = (text: string) => JSON.stringify(text);
const texts = [
  '',
  'a',
  '7',
  '-1',
  '0',
  'é😀',
  '\u2028',
  '\u0000\u001f\b"\\/',
  'x'.repeat(130),
  'ü'.repeat(70),
  '__proto__',
];
const text: Source = fc.oneof(fc.constantFrom(...texts), fc.string({ unit: 'grapheme', maxLength: 9 }));
const string: Source = fc.oneof(text.map(quote), fc.constantFrom('"\\u0041\\ud83d\\ude00"', '"\\/"', '"\\ud800"'));
const odd: Source = fc.constantFrom(
  'null',
  '{}',
  '[]',
  '""',
  '"x"',
  'true',
  '1.0',
  '1e2',
  '-0',
  '01',
  '"01"',
  '" 1"',
  '1E400',
  '[null]',
  'nul',
  '{',
  '"',
);
const whole = (bits: number, isSigned: boolean): Source => {
  const least = isSigned ? -(2n ** BigInt(bits - 1)) : 0n;
  const most = 2n ** BigInt(isSigned ? bits - 1 : bits) - 1n;
  const edges = [least, most, least - 1n, most + 1n, 2n ** 53n + 1n, 0n, -1n];
  const value = fc.oneof(fc.bigInt(0n, 300n), fc.constantFrom(...edges), fc.bigInt(least, most));
  return fc.tuple(value, fc.boolean()).map(([n, isQuoted]) => (isQuoted ? `"${n}"` : String(n)));
};
const real: Source = fc.oneof(
  fc.constantFrom(
    '0',
    '-0.0',
    '-0',
    '0.1',
    '1e21',
    '1E-7',
    '5e-324',
    '"NaN"',
    '"Infinity"',
    '3.5e38',
    '1e400',
    '"1.5"',
    '16777217',
    '12345678901234567890',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const base64: Source = fc.oneof(
  fc.uint8Array({ maxLength: 9 }).map((bytes) => quote(Buffer.from(bytes).toString('base64'))),
  fc.constantFrom('"_-8="', '"AQ"', '"AR=="', '"A==="', '"A"', '"AQ==AQ=="', '"AQ= ="', '"%"'),
);
const times = [
  '2026-01-31T12:00:00Z',
  '2026-02-30T00:00:00Z',
  '2024-02-29T23:59:59.123456789Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.9Z',
  '2026-01-31T24:00:00Z',
  '2026-01-31T12:00:00+01:00',
  '1969-12-31T23:59:59.5Z',
  '0000-01-01T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-31t12:00:00z',
];
const durations = [
  '1s',
  '0s',
  '1.5s',
  '-1.5s',
  '315576000000s',
  '315576000001s',
  '0.000000001s',
  '1.0000000001s',
  '01s',
  '1',
  '3.s',
];

const SCALARS: Readonly<Record<number, Source>> = {
  [ScalarType.DOUBLE]: real,
  [ScalarType.FLOAT]: real,
  [ScalarType.INT64]: whole(64, true),
  [ScalarType.UINT64]: whole(64, false),
  [ScalarType.INT32]: whole(32, true),
  [ScalarType.FIXED64]: whole(64, false),
  [ScalarType.FIXED32]: whole(32, false),
  [ScalarType.BOOL]: fc.constantFrom('true', 'false', 'true', 'false', 'truex', '"true"', '1'),
  [ScalarType.STRING]: string,
  [ScalarType.BYTES]: base64,
  [ScalarType.UINT32]: whole(32, false),
  [ScalarType.SFIXED32]: whole(32, true),
  [ScalarType.SFIXED64]: whole(64, true),
  [ScalarType.SINT32]: whole(32, true),
  [ScalarType.SINT64]: whole(64, true),
};
const moods: Source = fc.constantFrom(
  '"HAPPY"',
  '"SAD"',
  '"MOOD_UNSPECIFIED"',
  '"ANGRY"',
  '0',
  '70',
  '-7',
  '3',
  '"70"',
  '2147483648',
  'null',
  '"NULL_VALUE"',
);

/** JSON for a message as clients send it most of the time: at times with a name, a value or white space that is unusual. */
export function jsonText(desc: DescMessage, depth = 0): Source {
  const own = wellKnown(desc);
  if (own) return own;
  const members = desc.fields.map((field) => {
    const name = fc.constantFrom(field.jsonName, field.jsonName, field.jsonName, field.name);
    const member = fc
      .tuple(name, seldom(odd, ofField(field, depth)), space)
      .map(([key, value, gap]) => `${gap}${quote(key)}:${gap}${value}`);
    return fc.option(member, { nil: '' });
  });
  const extra = seldom(fc.constantFrom('"zzz":1', '"__proto__":{}', '"f_0":1', '"\\u0066_0":1', ''), fc.constant(''));
  return fc.tuple(fc.tuple(...members), extra, fc.boolean(), space).map(([list, more, isReversed, gap]) => {
    const there = [...list, more].filter(Boolean);
    return `{${gap}${(isReversed ? there.reverse() : there).join(`${gap},`)}${gap}}`;
  });
}

const space: Source = fc.constantFrom('', '', '', ' ', '\n\t', '\r');

function seldom(rare: Source, usual: Source): Source {
  return fc.oneof({ weight: 1, arbitrary: rare }, { weight: 25, arbitrary: usual });
}

function ofField(field: DescField, depth: number): Source {
  if (field.message && depth > 1) return field.fieldKind === 'list' ? fc.constant('[]') : fc.constant('{}');
  const one = ofOne(field, depth);
  if (field.fieldKind === 'list') return fc.array(one, { maxLength: 4 }).map((items) => `[${items.join(', ')}]`);
  if (field.fieldKind !== 'map') return one;
  const key =
    field.mapKey === ScalarType.STRING
      ? string
      : fc.oneof(
          fc.nat(9).map((n) => `"${n}"`),
          fc.constantFrom('"true"', '"false"'),
          whole(32, true).map((n) => quote(n.replaceAll('"', ''))),
        );
  const entry = fc.tuple(key, one).map(([k, v]) => `${k}:${v}`);
  return fc.array(entry, { maxLength: 4 }).map((entries) => `{${entries.join(',')}}`);
}

function ofOne({ message, enum: enumeration, scalar }: DescField, depth: number): Source {
  if (message) return jsonText(message, depth + 1);
  return enumeration ? moods : (SCALARS[scalar ?? ScalarType.STRING] ?? odd);
}

function wellKnown(desc: DescMessage): Source | undefined {
  const wrapped = isWrapperDesc(desc) ? desc.fields[0] : undefined;
  if (wrapped) return ofOne(wrapped, 0);
  switch (desc.typeName) {
    case 'google.protobuf.Timestamp':
      return fc.constantFrom(...times).map(quote);
    case 'google.protobuf.Duration':
      return fc.constantFrom(...durations).map(quote);
    case 'google.protobuf.FieldMask':
      return fc.constantFrom('"a,bC"', '""', '"a_b"');
    case 'google.protobuf.Any':
      return fc.constantFrom('{}', '{"@type":"x/google.protobuf.FloatValue","value":1.5}', '{"@type":"x/none"}');
    case 'google.protobuf.ListValue':
      return fc.array(fc.jsonValue()).map((value) => JSON.stringify(value));
    case 'google.protobuf.Struct':
      return fc.dictionary(text, fc.jsonValue()).map((value) => JSON.stringify(value));
    case 'google.protobuf.Value':
      return fc.jsonValue().map((value) => JSON.stringify(value));
    default:
      return undefined;
  }
}

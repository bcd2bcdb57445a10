import { type DescField, ScalarType } from '@bufbuild/protobuf';
import fc from 'fast-check';

/** What is usual, and what one of the two gateways might take or refuse. */
interface Spellings {
  readonly usual: readonly string[];
  readonly strange: readonly string[];
}

/** What says the type of a value. */
type Typed = Partial<Pick<DescField, 'scalar' | 'enum' | 'message'>>;

const INT: Spellings = {
  usual: ['0', '1', '42', '-7', '2147483647', '-2147483648'],
  strange: [
    '+5',
    '007',
    '2147483648',
    '1.0',
    '1e2',
    '0x10',
    '1_000',
    '',
    ' 5',
    '5 ',
    'five',
    '-0',
    '--1',
    '0b1',
    '99999999999999999999',
  ],
};
const LONG: Spellings = {
  usual: ['0', '1', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  strange: ['+5', '007', '9223372036854775808', '-9223372036854775809', '1.0', '1e2', '0x10', '', 'many'],
};
const UNSIGNED: Spellings = {
  usual: ['0', '1', '42', '4294967295'],
  strange: ['-1', '+5', '007', '4294967296', '1.5', '0x10', '', '-0'],
};
const REAL: Spellings = {
  usual: ['0', '1', '-2.5', '0.1', '1e10', '3.25e-3', 'NaN', 'Infinity', '-Infinity'],
  strange: [
    '1.',
    '.5',
    '+1',
    '1e400',
    '3.5e38',
    'inf',
    'nan',
    '+Infinity',
    '0x1p4',
    '1_0',
    '',
    '1e',
    '-0',
    '1e-400',
    '1,5',
  ],
};
const BOOL: Spellings = {
  usual: ['true', 'false'],
  strange: ['1', '0', 't', 'F', 'TRUE', 'False', 'yes', '', 'tRUE', ' true'],
};
const BYTES: Spellings = {
  usual: ['aGVsbG8=', 'AA==', '/+8=', ''],
  strange: ['aGVsbG8', '_-8', '_-8=', 'AA', 'A', 'AAA=', '/+-_', 'aGVs\nbG8=', 'AB==', 'A A=', '===='],
};
const TEXT: Spellings = {
  usual: ['a', 'hello world', 'é', '😀', 'a/b', 'shelves/1', '1'],
  strange: [
    '',
    ' ',
    '%',
    '%2F',
    'a:b',
    'a;b',
    'a&b=c',
    '[x]',
    '..',
    '+',
    'a,b',
    '\u0001',
    '"',
    '\ufffd',
    ':look',
    'null',
  ],
};
const ENUM: Spellings = {
  usual: ['GLAD', 'SAD', 'LOW', 'MOOD_UNSPECIFIED', '1', '-1', '0'],
  strange: ['glad', '7', '+1', '01', '', 'GLADLY', '1.0', '2147483648'],
};
const MESSAGES: Readonly<Record<string, Spellings>> = {
  Timestamp: {
    usual: [
      '2026-01-31T12:00:00Z',
      '1969-12-31T23:59:59.5Z',
      '2026-01-31T12:00:00.123456789+02:00',
      '0001-01-01T00:00:00Z',
    ],
    strange: [
      ...[
        '2026-01-31',
        '2026-02-30T00:00:00Z',
        '2026-01-31T12:00:00',
        '2026-01-31t12:00:00z',
        '2026-01-31T5:00:00Z',
        '',
      ],
      ...['2026-01-31T12:00:00,5Z', '2026-01-31T24:00:00Z', '2026-01-31T12:00:60Z', '10000-01-01T00:00:00Z'],
      ...['2026-01-31T12:00:00.1234567891Z', '0001-01-01T00:00:00+01:00', '9999-12-31T23:59:59-01:00', '1767225600'],
      ...['2026-01-31T12:00:00+2:00', '2026-01-31T12:00:00.Z', '2026-01-31T12:00:00+25:00'],
    ],
  },
  Duration: {
    usual: ['1.5s', '0s', '-3s', '100s'],
    strange: [
      '1h2m',
      '300ms',
      '1us',
      '1µs',
      '0',
      '.5s',
      '1.s',
      '+1s',
      '5',
      '',
      's',
      '1.0000000001s',
      '315576000001s',
      '1d',
      '-0.5s',
      '01s',
    ],
  },
  FieldMask: {
    usual: ['text', 'text,leaf.name', 'maybe_text', 'maybeText', ''],
    strange: ['a,,b', 'a b', ',', 'Text', 'a.', '*', '_a', ' text '],
  },
  Struct: { usual: ['{}', '{"a":1}'], strange: ['', '[]', 'null', '{"a":1,"a":2}', '{', '{"a":1}x'] },
  Value: { usual: ['1', '"a"', 'null', '[1,{"b":true}]'], strange: ['', 'a', '{"a":1,"a":2}', 'NaN', '1e400'] },
  ListValue: { usual: ['[1]'], strange: ['', '1'] },
  Empty: { usual: ['', '{}'], strange: ['null', '{"a":1}'] },
  Any: { usual: ['{}'], strange: [''] },
  StringValue: TEXT,
  Int32Value: INT,
  Int64Value: LONG,
  UInt32Value: UNSIGNED,
  UInt64Value: UNSIGNED,
  BoolValue: BOOL,
  DoubleValue: REAL,
  FloatValue: REAL,
  BytesValue: BYTES,
};
const LONGS = new Set([ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64]);
const UNSIGNEDS = new Set([ScalarType.UINT32, ScalarType.FIXED32, ScalarType.UINT64, ScalarType.FIXED64]);

/** Texts for one value of a field, as a path or a query may have them. */
export function texts(field: Typed): fc.Arbitrary<string> {
  const { usual, strange } = spellings(field);
  return fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight: 5 },
    { arbitrary: fc.constantFrom(...strange), weight: 1 },
  );
}

/** All of them, for JSON to take what it can use. */
export function spellings({ scalar, enum: enumeration, message }: Typed): Spellings {
  if (enumeration) return ENUM;
  if (message) return MESSAGES[message.name] ?? { usual: ['', 'x'], strange: ['{}'] };
  if (scalar === ScalarType.STRING || scalar === undefined) return TEXT;
  if (scalar === ScalarType.BOOL) return BOOL;
  if (scalar === ScalarType.BYTES) return BYTES;
  if (scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT) return REAL;
  if (LONGS.has(scalar)) return LONG;
  return UNSIGNEDS.has(scalar) ? UNSIGNED : INT;
}

import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ListValueSchema, StructSchema, ValueSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';

type Write = (writer: BinaryWriter) => void;
interface Entry {
  readonly number: number;
  readonly write: Write;
}

const TEXTS = [
  '',
  '0',
  '7',
  '12',
  '-1',
  '__proto__',
  'a',
  'é',
  '😀',
  '\u2028',
  '"\\\b\f\n\r\t\u0001\u007f',
  'x'.repeat(200),
  'ü'.repeat(90),
];
const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: 'grapheme', maxLength: 12 }));
const reals = fc.oneof(
  fc.constantFrom(0, -0, 0.1, 1e21, 1e-7, 5e-324, Number.NaN, Infinity, -Infinity, 16777216),
  fc.double(),
);
const float = fc.oneof(fc.constantFrom(0.1, 3.4028234663852886e38, 1.401298464324817e-45), reals).map(Math.fround);
const signed = (bits: number) =>
  fc.oneof(fc.bigInt(-5n, 5n), fc.bigInt(-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n));
const unsigned = (bits: number) => fc.oneof(fc.bigInt(0n, 5n), fc.bigInt(0n, 2n ** BigInt(bits) - 1n));
const small = (n: bigint) => Number(n);

const SCALARS: { readonly [type: number]: fc.Arbitrary<Write> } = {
  [ScalarType.DOUBLE]: reals.map((v) => (w) => void w.double(v)),
  [ScalarType.FLOAT]: float.map((v) => (w) => void w.float(v)),
  [ScalarType.INT64]: signed(64).map((v) => (w) => void w.int64(v)),
  [ScalarType.UINT64]: unsigned(64).map((v) => (w) => void w.uint64(v)),
  [ScalarType.INT32]: signed(32).map((v) => (w) => void w.int32(small(v))),
  [ScalarType.FIXED64]: unsigned(64).map((v) => (w) => void w.fixed64(v)),
  [ScalarType.FIXED32]: unsigned(32).map((v) => (w) => void w.fixed32(small(v))),
  [ScalarType.BOOL]: fc.boolean().map((v) => (w) => void w.bool(v)),
  [ScalarType.STRING]: text.map((v) => (w) => void w.string(v)),
  [ScalarType.BYTES]: fc.uint8Array({ maxLength: 9 }).map((v) => (w) => void w.bytes(v)),
  [ScalarType.UINT32]: unsigned(32).map((v) => (w) => void w.uint32(small(v))),
  [ScalarType.SFIXED32]: signed(32).map((v) => (w) => void w.sfixed32(small(v))),
  [ScalarType.SFIXED64]: signed(64).map((v) => (w) => void w.sfixed64(v)),
  [ScalarType.SINT32]: signed(32).map((v) => (w) => void w.sint32(small(v))),
  [ScalarType.SINT64]: signed(64).map((v) => (w) => void w.sint64(v)),
};
const WIRE: { readonly [type: number]: WireType } = { 1: 1, 2: 5, 6: 1, 7: 5, 9: 2, 12: 2, 15: 5, 16: 1 };
const enumNumber = fc.constantFrom(0, 0, 70, -7, 3).map(
  (v): Write =>
    (w) =>
      void w.int32(v),
);

/** The bytes of a message as a serializer writes them, most of the time: at times in another order, or with unknown fields. */
export function wireBytes(desc: DescMessage, depth = 0): fc.Arbitrary<Uint8Array> {
  const own = wellKnown(desc);
  if (own) return own;
  const fields = fc.tuple(...desc.fields.map((field) => entries(field, depth)));
  const unknown = fc.option(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.constantFrom(0, 1, 2, 5), text), {
    freq: 6,
    nil: undefined,
  });
  return fc.tuple(fields, unknown, fc.integer({ min: 0, max: 30 })).map(([written, extra, luck]) => {
    const all = oneMember(desc, written.flat());
    if (extra) all.push({ number: extra[0], write: unknownField(extra) });
    if (luck !== 0) all.sort((a, b) => a.number - b.number);
    else all.reverse();
    const writer = new BinaryWriter();
    for (const { write } of all) write(writer);
    return writer.finish();
  });
}

/** Of a oneof, the first member that was drawn. */
function oneMember(desc: DescMessage, all: Entry[]): Entry[] {
  const numbers = desc.oneofs.map(({ fields }) => fields.map(({ number }) => number));
  return all.filter(({ number }, index) => {
    const oneof = numbers.find((of) => of.includes(number));
    return !oneof || all.findIndex((entry) => oneof.includes(entry.number)) === index;
  });
}

function entries(field: DescField, depth: number): fc.Arbitrary<Entry[]> {
  const { number } = field;
  if (field.message && depth > 2) return fc.constant([]);
  const value = oneValue(field, depth);
  const wire = field.message ? WireType.LengthDelimited : (WIRE[field.scalar ?? 0] ?? WireType.Varint);
  const single = value.map((v): Entry => ({ number, write: (w) => v(w.tag(number, wire)) }));
  if (field.fieldKind === 'list') {
    const apart = fc.array(single, { maxLength: 3 });
    if (wire === WireType.LengthDelimited) return apart;
    const together = fc
      .array(value, { maxLength: 3 })
      .map((values): Entry[] => [{ number, write: inOne(number, values) }]);
    return fc.oneof(apart, together);
  }
  if (field.fieldKind !== 'map')
    return fc.oneof(
      fc.constant<Entry[]>([]),
      single.map((entry) => [entry]),
    );
  const key = SCALARS[field.mapKey] ?? fc.constant(() => {});
  const parts = fc.tuple(fc.option(key, { freq: 9 }), fc.option(value, { freq: 9 }));
  return fc.array(parts, { maxLength: 4 }).map((items) =>
    items.map(([k, v]): Entry => {
      const write: Write = (w) => {
        w.tag(number, WireType.LengthDelimited).fork();
        k?.(w.tag(1, WIRE[field.mapKey] ?? WireType.Varint));
        v?.(w.tag(2, wire));
        w.join();
      };
      return { number, write };
    }),
  );
}

const inOne =
  (number: number, values: readonly Write[]): Write =>
  (writer) => {
    writer.tag(number, WireType.LengthDelimited).fork();
    for (const write of values) write(writer);
    writer.join();
  };

function oneValue({ message, enum: enumeration, scalar }: DescField, depth: number): fc.Arbitrary<Write> {
  if (message) return wireBytes(message, depth + 1).map((bytes) => (w) => void w.bytes(bytes));
  if (enumeration) return enumNumber;
  return SCALARS[scalar ?? ScalarType.STRING] ?? fc.constant(() => {});
}

const unknownField =
  ([number, wireType, content]: [number, number, string]): Write =>
  (writer) => {
    writer.tag(number, wireType);
    if (wireType === 0) writer.uint32(content.length);
    else if (wireType === 1) writer.double(content.length);
    else if (wireType === 2) writer.string(content);
    else writer.fixed32(content.length);
  };

function wellKnown({ typeName }: DescMessage): fc.Arbitrary<Uint8Array> | undefined {
  const name = typeName.replace('google.protobuf.', '');
  if (name === 'Struct')
    return fc
      .dictionary(text, fc.jsonValue())
      .map((v) => toBinary(StructSchema, fromJson(StructSchema, v as JsonObject)));
  if (name === 'Value') return fc.jsonValue().map((v) => toBinary(ValueSchema, fromJson(ValueSchema, v as JsonValue)));
  if (name === 'ListValue')
    return fc.array(fc.jsonValue()).map((v) => toBinary(ListValueSchema, fromJson(ListValueSchema, v as JsonValue[])));
  if (name === 'FieldMask')
    return fc
      .array(fc.constantFrom('a', 'b_c', 'd.e_f'))
      .map((paths) => paths.reduce((w, path) => w.tag(1, 2).string(path), new BinaryWriter()).finish());
  if (name === 'Timestamp' || name === 'Duration')
    return span(name === 'Timestamp' ? 253_402_300_799n : 315_576_000_000n);
  if (name !== 'Any') return undefined;
  const urls = fc.constantFrom(
    '',
    'type.googleapis.com/google.protobuf.FloatValue',
    'x/google.protobuf.Empty',
    'x/any.none',
  );
  return urls.map((url) => {
    const value = url.endsWith('FloatValue') ? new BinaryWriter().tag(1, 5).float(0.1).finish() : new Uint8Array();
    return new BinaryWriter().tag(1, 2).string(url).tag(2, 2).bytes(value).finish();
  });
}

function span(most: bigint): fc.Arbitrary<Uint8Array> {
  const seconds = fc.oneof(fc.constantFrom(0n, -1n, most, -62_135_596_800n), fc.bigInt(-62_135_596_800n, most));
  const nanos = fc.constantFrom(0, 0, 1, 500_000_000, 1_000, 123_456_789, 999_999_999, -1, 1_000_000_000);
  return fc.tuple(seconds, nanos).map(([s, n]) => {
    const writer = new BinaryWriter();
    if (s !== 0n) writer.tag(1, 0).int64(s);
    if (n !== 0) writer.tag(2, 0).int32(n);
    return writer.finish();
  });
}

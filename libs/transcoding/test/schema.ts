import {
  create,
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromJson,
  type JsonObject,
} from '@bufbuild/protobuf';
import {
  AnySchema,
  BoolValueSchema,
  DurationSchema,
  EmptySchema,
  FieldDescriptorProto_Type,
  FieldMaskSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  StructSchema,
  TimestampSchema,
} from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';

const KNOWN = [TimestampSchema, DurationSchema, FieldMaskSchema, AnySchema, StructSchema, BoolValueSchema, EmptySchema];
const SCALARS = Object.values(FieldDescriptorProto_Type)
  .filter((type) => typeof type === 'string')
  .filter((type) => !['GROUP', 'MESSAGE', 'ENUM'].includes(type));
const KEYS = SCALARS.filter((type) => !['DOUBLE', 'FLOAT', 'BYTES'].includes(type));
const WRAPPERS = ['Double', 'Float', 'Int64', 'UInt64', 'Int32', 'UInt32', 'Bool', 'String', 'Bytes'];
const MESSAGES = [
  ...WRAPPERS.map((name) => `google.protobuf.${name}Value`),
  ...['Timestamp', 'Duration', 'FieldMask', 'Any', 'Struct', 'Value', 'ListValue', 'Empty'].map(
    (name) => `google.protobuf.${name}`,
  ),
  ...['A', 'B', 'C'].map((name) => `any.${name}`),
];
// What a name could do to a program, if it ever got into one as it is.
const HOSTILE = [
  '__proto__',
  'constructor',
  '"',
  '\\',
  '\n',
  '\u2028',
  '`$'.concat('{1}`'),
  "');process.exit(1);('",
  '</script>',
  'é',
  '😀',
  '',
];

interface Field {
  readonly kind: 'single' | 'optional' | 'list' | 'unpacked' | 'map' | 'oneof';
  readonly type: string;
  readonly key: string;
  readonly gap: number;
  readonly jsonName: string | undefined;
}

const type = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...SCALARS) },
  { weight: 3, arbitrary: fc.constantFrom(...MESSAGES) },
  { weight: 1, arbitrary: fc.constantFrom('any.Mood', 'google.protobuf.NullValue') },
);
const field: fc.Arbitrary<Field> = fc.record({
  kind: fc.constantFrom('single', 'single', 'optional', 'list', 'unpacked', 'map', 'oneof'),
  type,
  key: fc.constantFrom(...KEYS),
  gap: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(1, 1, 1, 2, 20) },
    { weight: 1, arbitrary: fc.constant(180_000_000) },
  ),
  jsonName: fc.option(fc.constantFrom(...HOSTILE, 'plain'), { freq: 12, nil: undefined }),
});

/** A proto3 file with messages any.A (the one to try), B and C, of fields of every kind. */
export const schema: fc.Arbitrary<FileRegistry> = fc
  .tuple(...['A', 'B', 'C'].map((name) => fc.tuple(fc.constant(name), fc.array(field, { minLength: 1, maxLength: 9 }))))
  .map((messages) => registryOf(messages));

function registryOf(messages: [string, Field[]][]): FileRegistry {
  const file = fromJson(FileDescriptorProtoSchema, {
    name: 'any.proto',
    package: 'any',
    syntax: 'proto3',
    dependency: [...new Set(KNOWN.map(({ file: { proto } }) => proto.name))],
    enumType: [
      {
        name: 'Mood',
        value: ['MOOD_UNSPECIFIED', 'HAPPY', 'SAD'].map((name, i) => ({ name, number: i === 2 ? -7 : i * 70 })),
      },
    ],
    messageType: messages.map(([name, fields]) => messageOf(name, fields)),
  });
  const files = [...new Set(KNOWN.map((known) => known.file.proto)), file];
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files }));
  // How a failed property tells it.
  return Object.assign(registry, { [fc.toStringMethod]: () => JSON.stringify(messages) });
}

/** The message any.A of a schema. */
export function rootOf(registry: FileRegistry): DescMessage {
  const root = registry.getMessage('any.A');
  if (!root) throw new Error('no any.A');
  return root;
}

function messageOf(name: string, fields: Field[]): JsonObject {
  let number = 0;
  const json = fields.map((field, index) => {
    number = Math.min(number + field.gap, 536_870_000 + index);
    return fieldOf(name, field, { index, number });
  });
  const optional = fields.flatMap(({ kind }, index) => (kind === 'optional' ? [{ name: `_f_${index}` }] : []));
  const inOneof = fields.some(({ kind }) => kind === 'oneof');
  const oneofs = [...(inOneof ? [{ name: 'choice' }] : []), ...optional];
  for (const [index, { kind }] of fields.entries()) {
    const oneof = kind === 'oneof' ? 'choice' : `_f_${index}`;
    const at = oneofs.findIndex(({ name }) => name === oneof);
    if (at >= 0) Object.assign(json[index] ?? {}, { oneofIndex: at });
  }
  const entries: JsonObject[] = fields.flatMap((field, index) =>
    field.kind === 'map'
      ? [
          {
            name: `F${index}Entry`,
            options: { mapEntry: true },
            field: [
              { name: 'key', number: 1, label: 'LABEL_OPTIONAL', type: `TYPE_${field.key}`, jsonName: 'key' },
              { name: 'value', number: 2, label: 'LABEL_OPTIONAL', ...typeOf(field.type), jsonName: 'value' },
            ],
          },
        ]
      : [],
  );
  return { name, field: json, oneofDecl: oneofs, nestedType: entries };
}

function fieldOf(message: string, { kind, type, jsonName }: Field, at: { index: number; number: number }): JsonObject {
  const repeated = kind === 'list' || kind === 'unpacked' || kind === 'map';
  return {
    name: `f_${at.index}`,
    number: at.number,
    jsonName:
      jsonName === undefined
        ? `f${at.index}`
        : `${jsonName}${at.index === 0 ? '' : at.index}x`.replace(/^(.*)0x$/, '$1'),
    label: repeated ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL',
    ...(kind === 'map' ? { type: 'TYPE_MESSAGE', typeName: `.any.${message}.F${at.index}Entry` } : typeOf(type)),
    ...(kind === 'unpacked' && { options: { packed: false } }),
    ...(kind === 'optional' && { proto3Optional: true }),
  };
}

function typeOf(type: string): { type: string; typeName?: string } {
  if (!type.includes('.')) return { type: `TYPE_${type}` };
  const isEnum = type.endsWith('Mood') || type.endsWith('NullValue');
  return { type: isEnum ? 'TYPE_ENUM' : 'TYPE_MESSAGE', typeName: `.${type}` };
}

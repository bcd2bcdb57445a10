import {
  create,
  createFileRegistry,
  createRegistry,
  type DescMethod,
  type FileRegistry,
  fromJson,
  type JsonObject,
  type JsonValue,
} from '@bufbuild/protobuf';
import {
  AnySchema,
  BoolValueSchema,
  DurationSchema,
  FieldMaskSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FloatValueSchema,
  Int64ValueSchema,
  StructSchema,
  TimestampSchema,
} from '@bufbuild/protobuf/wkt';
import { http } from '#libs/contracts';

/** A google.api.HttpRule in JSON. */
export type Rule = Record<string, JsonValue>;
const WELL_KNOWN = [
  AnySchema,
  BoolValueSchema,
  DurationSchema,
  FieldMaskSchema,
  FloatValueSchema,
  Int64ValueSchema,
  StructSchema,
  TimestampSchema,
];
const SCALARS = new Set(['string', 'bool', 'int32', 'int64', 'uint64', 'double', 'float', 'bytes']);

/** `['tags', 'string[]']`: a repeated field; a capital letter: a message of the file or a full name; `Mood`: the enum. */
type Field = readonly [name: string, type: string, oneof?: 'choice'];

const BOOK: Field[] = [
  ['name', 'string'],
  ['page_count', 'int32'],
  ['copies', 'int64'],
  ['serial', 'uint64'],
  ['price', 'double'],
  ['in_print', 'bool'],
  ['mood', 'Mood'],
  ['tags', 'string[]'],
  ['author', 'Author'],
  ['chapters', 'Author[]'],
  ['cover', 'bytes'],
  ['publish_time', 'google.protobuf.Timestamp'],
  ['free', 'google.protobuf.Struct'],
  ['extra', 'google.protobuf.Any'],
  ['limit', 'google.protobuf.Int64Value'],
  ['labels', 'map'],
  ['paper', 'string', 'choice'],
  ['screen', 'string', 'choice'],
  ['weight', 'float'],
  ['weights', 'float[]'],
  ['load', 'google.protobuf.FloatValue'],
];
const MESSAGES: Record<string, Field[]> = {
  Book: BOOK,
  Author: [
    ['first_name', 'string'],
    ['age', 'int32'],
    ['mood', 'Mood'],
    ['mentor', 'Author'],
  ],
  Update: [
    ['book', 'Book'],
    ['update_mask', 'google.protobuf.FieldMask'],
    ['dry_run', 'bool'],
  ],
};

/** A small library of books, with the given RPCs (all take and give `Book` unless told otherwise). */
export function toyRegistry(rules: Record<string, Rule>, input: keyof typeof MESSAGES = 'Book'): FileRegistry {
  const file = fromJson(
    FileDescriptorProtoSchema,
    {
      name: 'toy.proto',
      package: 'toy',
      syntax: 'proto3',
      dependency: WELL_KNOWN.map(({ file: { proto } }) => proto.name),
      messageType: Object.entries(MESSAGES).map(([name, fields]) => message(name, fields)),
      enumType: [
        { name: 'Mood', value: ['MOOD_UNSPECIFIED', 'HAPPY', 'SAD'].map((name, number) => ({ name, number })) },
      ],
      service: [
        {
          name: 'Books',
          method: Object.entries(rules).map(([name, rule]) => ({
            name,
            inputType: `.toy.${input}`,
            outputType: '.toy.Book',
            options: { '[google.api.http]': rule },
          })),
        },
      ],
    },
    { registry: createRegistry(http) },
  );
  const files = [...new Set(WELL_KNOWN.map((known) => known.file.proto)), file];
  return createFileRegistry(create(FileDescriptorSetSchema, { file: files }));
}

/** The RPC of that name. */
export function toyMethod(registry: FileRegistry, name: string): DescMethod {
  const method = registry.getService('toy.Books')?.methods.find((candidate) => candidate.name === name);
  if (!method) throw new Error(`no RPC ${name}`);
  return method;
}

function message(name: string, fields: Field[]): JsonObject {
  return {
    name,
    oneofDecl: fields.some(([, , oneof]) => oneof) ? [{ name: 'choice' }] : [],
    nestedType: fields.some(([, type]) => type === 'map')
      ? [
          {
            name: 'LabelsEntry',
            options: { mapEntry: true },
            field: [field(['key', 'string'], 0), field(['value', 'int32'], 1)],
          },
        ]
      : [],
    field: fields.map(field),
  };
}

function field([name, type, oneof]: Field, index: number): JsonObject {
  const repeated = type.endsWith('[]') || type === 'map';
  return {
    name,
    number: index + 1,
    jsonName: name.replace(/_(.)/g, (_, char: string) => char.toUpperCase()),
    label: repeated ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL',
    ...typeOf(type.replace('[]', '')),
    ...(oneof && { oneofIndex: 0 }),
  };
}

function typeOf(type: string): JsonObject {
  if (type === 'map') return { type: 'TYPE_MESSAGE', typeName: '.toy.Book.LabelsEntry' };
  if (SCALARS.has(type)) return { type: `TYPE_${type.toUpperCase()}` };
  if (type === 'Mood') return { type: 'TYPE_ENUM', typeName: '.toy.Mood' };
  return { type: 'TYPE_MESSAGE', typeName: type.includes('.') ? `.${type}` : `.toy.${type}` };
}

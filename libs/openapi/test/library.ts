import {
  create,
  createFileRegistry,
  createRegistry,
  type DescMethod,
  fromJson,
  getOption,
  type JsonObject,
  type JsonValue,
} from '@bufbuild/protobuf';
import {
  DurationSchema,
  FieldMaskSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  StructSchema,
  TimestampSchema,
} from '@bufbuild/protobuf/wkt';
import { fieldRules, http, policy as policyOption } from '#libs/contracts';
import { routesOf } from '#libs/transcoding';
import type { JsonObject as Document } from '../src/index.js';
import { clientSource, openApi, type ServedRpc } from '../src/index.js';

/** google/api/httpbody.proto. */
const HTTP_BODY = fromJson(FileDescriptorProtoSchema, {
  ...{ name: 'google/api/httpbody.proto', package: 'google.api', syntax: 'proto3' },
  messageType: [
    {
      name: 'HttpBody',
      field: [
        { name: 'content_type', number: 1, jsonName: 'contentType', label: 'LABEL_OPTIONAL', type: 'TYPE_STRING' },
        { name: 'data', number: 2, jsonName: 'data', label: 'LABEL_OPTIONAL', type: 'TYPE_BYTES' },
      ],
    },
  ],
});
const WELL_KNOWN = [DurationSchema, FieldMaskSchema, StructSchema, TimestampSchema];
type Rules = JsonObject | undefined;
/** `string[]` is repeated; `Mood` the enum; a capital letter: a message of the file or a full name; `map`: to int32. */
type Field = readonly [name: string, type: string, rules?: Rules, oneof?: 'choice'];

const MESSAGES: Record<string, readonly Field[]> = {
  Book: [
    ['name', 'string', { string: { pattern: '^shelves/[^/]+/books/[^/]+$', example: ['shelves/a/books/b'] } }],
    ['title', 'string', { string: { minLen: '1', maxLen: '80' } }],
    ['pages', 'int32', { int32: { gt: 0, lte: 5000 } }],
    ['copies', 'int64', { int64: { gte: '0', lte: '250' } }],
    ['price', 'double'],
    ['mood', 'Mood'],
    ['tags', 'string[]', { repeated: { maxItems: '3', unique: true, items: { string: { len: '2' } } } }],
    ['author', 'Author', { required: true }],
    ['labels', 'map', { map: { maxPairs: '9', keys: { string: { minLen: '1' } }, values: { int32: { gte: 1 } } } }],
    ['cover', 'bytes'],
    ['publish_time', 'google.protobuf.Timestamp'],
    ['loan', 'google.protobuf.Duration'],
    ['free', 'google.protobuf.Struct'],
    ['code', 'string', { ignore: 'IGNORE_IF_ZERO_VALUE', string: { uuid: true } }],
    ['paper', 'string', undefined, 'choice'],
    ['screen', 'string', undefined, 'choice'],
  ],
  Author: [
    ['first_name', 'string', { string: { minLen: '1' } }],
    ['mentor', 'Author'],
  ],
  Update: [
    ['book', 'Book'],
    ['update_mask', 'google.protobuf.FieldMask'],
    ['dry_run', 'bool'],
  ],
  File: [['body', 'google.api.HttpBody']],
  Patch: [['book', 'Book', { ignore: 'IGNORE_ALWAYS' }]],
  Find: [
    ['name', 'string'],
    ['author', 'Author'],
    ['tags', 'string[]'],
    ['after', 'int64'],
    ['wait_seconds', 'int32'],
  ],
};

/** A toy library, whose service has the given RPCs; options are those of the method, in JSON. */
export function library(rpcs: Record<string, Rpc>, look?: ServedRpc['look']): Document {
  const all = served(rpcs).map((rpc) => ({ ...rpc, ...(look && { look }) }));
  return openApi(all, { title: 'Library', version: '1' });
}

/** The TypeScript client of such a library. */
export const libraryClient = (rpcs: Record<string, Rpc>): string => clientSource(served(rpcs));

function served(rpcs: Record<string, Rpc>): ServedRpc[] {
  const file = fromJson(FileDescriptorProtoSchema, fileOf(rpcs), {
    registry: createRegistry(http, policyOption, fieldRules),
  });
  const files = [...new Set(WELL_KNOWN.map((known) => known.file.proto)), HTTP_BODY, file];
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files }));
  const methods: readonly DescMethod[] = registry.getService('toy.v1.Library')?.methods ?? [];
  return methods.map((rpc) => ({
    rpc,
    routes: routesOf(rpc),
    policy: getOption(rpc, policyOption),
    access: rpcs[rpc.name]?.scopes ?? ({ kind: 'public' } as const),
  }));
}

export interface Rpc {
  readonly input: keyof typeof MESSAGES;
  /** In full; a Book by default. */
  readonly output?: string;
  readonly http: JsonObject;
  readonly policy?: JsonObject;
  readonly scopes?: { readonly kind: 'scopes'; readonly all: string[]; readonly any: string[] };
  readonly streams?: boolean;
  readonly sends?: boolean;
  readonly comment?: string;
}

function fileOf(rpcs: Record<string, Rpc>): JsonObject {
  return {
    name: 'toy.proto',
    package: 'toy.v1',
    syntax: 'proto3',
    dependency: [...WELL_KNOWN.map(({ file: { proto } }) => proto.name), HTTP_BODY.name],
    messageType: Object.entries(MESSAGES).map(([name, fields]) => messageOf(name, fields)),
    enumType: [{ name: 'Mood', value: ['MOOD_UNSPECIFIED', 'HAPPY', 'SAD'].map((name, number) => ({ name, number })) }],
    service: [{ name: 'Library', method: Object.entries(rpcs).map(methodOf) }],
    sourceCodeInfo: {
      location: [
        { path: [4, 0, 2, 1], span: [0, 0, 0], leadingComments: ' As on the cover,\n without the subtitle.\n' },
        ...Object.values(rpcs).map(({ comment = '' }, index) => ({
          path: [6, 0, 2, index],
          span: [0, 0, 0],
          leadingComments: comment,
        })),
      ],
    },
  };
}

function methodOf([name, { input, output = 'toy.v1.Book', http: rule, policy: options, streams, sends }]: [
  string,
  Rpc,
]): JsonObject {
  return {
    name,
    inputType: `.toy.v1.${input}`,
    outputType: `.${output}`,
    ...(streams && { serverStreaming: true }),
    ...(sends && { clientStreaming: true }),
    options: { '[google.api.http]': rule, ...(options && { '[gateway.v1.policy]': options }) },
  };
}

function messageOf(name: string, fields: readonly Field[]): JsonObject {
  const entry = [fieldOf(['key', 'string'], 0), fieldOf(['value', 'int32'], 1)];
  return {
    name,
    oneofDecl: fields.some(([, , , oneof]) => oneof) ? [{ name: 'choice' }] : [],
    nestedType: fields.some(([, type]) => type === 'map')
      ? [{ name: 'LabelsEntry', options: { mapEntry: true }, field: entry }]
      : [],
    field: fields.map(fieldOf),
  };
}

function fieldOf([name, type, rules, oneof]: Field, index: number): JsonObject {
  return {
    name,
    number: index + 1,
    jsonName: name.replace(/_(.)/g, (_, char: string) => char.toUpperCase()),
    label: type.endsWith('[]') || type === 'map' ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL',
    ...typeOf(type.replace('[]', '')),
    ...(oneof && { oneofIndex: 0 }),
    ...(rules && { options: { '[buf.validate.field]': rules } }),
  };
}

function typeOf(type: string): Record<string, JsonValue> {
  if (type === 'map') return { type: 'TYPE_MESSAGE', typeName: '.toy.v1.Book.LabelsEntry' };
  if (type === 'Mood') return { type: 'TYPE_ENUM', typeName: '.toy.v1.Mood' };
  if (/^[a-z0-9]+$/.test(type)) return { type: `TYPE_${type.toUpperCase()}` };
  return { type: 'TYPE_MESSAGE', typeName: type.includes('.') ? `.${type}` : `.toy.v1.${type}` };
}

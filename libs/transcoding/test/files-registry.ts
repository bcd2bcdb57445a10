import { create, createFileRegistry, createRegistry, type DescMethod, fromJson } from '@bufbuild/protobuf';
import { AnySchema, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { http } from '#libs/contracts';
import type { Rule } from './toy.js';

const field = (name: string, number: number, type: string) => ({
  ...{ name, number, jsonName: name.replace(/_(.)/g, (_, char: string) => char.toUpperCase()) },
  label: type === '.google.protobuf.Any' ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL',
  ...(type.startsWith('.') ? { type: 'TYPE_MESSAGE', typeName: type } : { type }),
});

/** google/api/httpbody.proto. */
const HTTP_BODY = {
  ...{ name: 'google/api/httpbody.proto', package: 'google.api', syntax: 'proto3' },
  dependency: ['google/protobuf/any.proto'],
  messageType: [
    {
      name: 'HttpBody',
      field: [
        field('content_type', 1, 'TYPE_STRING'),
        field('data', 2, 'TYPE_BYTES'),
        field('extensions', 3, '.google.protobuf.Any'),
      ],
    },
  ],
};

const FILES = {
  ...{ name: 'files.proto', package: 'files', syntax: 'proto3', dependency: [HTTP_BODY.name] },
  messageType: [
    {
      name: 'File',
      field: [
        field('name', 1, 'TYPE_STRING'),
        field('body', 2, '.google.api.HttpBody'),
        field('pages', 3, 'TYPE_INT32'),
      ],
    },
  ],
};

export interface FilesRpc {
  readonly rule: Rule;
  /** Names of messages: `files.File` unless told otherwise. */
  readonly input?: string;
  readonly output?: string;
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
}

/** An RPC about files whose contents are google.api.HttpBody, with its types. */
export function filesRpc({ rule, input = 'files.File', output = 'files.File', ...streams }: FilesRpc) {
  const method = { name: 'Rpc', inputType: `.${input}`, outputType: `.${output}`, ...streams };
  const service = [{ name: 'Files', method: [{ ...method, options: { '[google.api.http]': rule } }] }];
  const registry = createRegistry(http);
  const file = [HTTP_BODY, { ...FILES, service }].map((json) =>
    fromJson(FileDescriptorProtoSchema, json, { registry }),
  );
  const all = createFileRegistry(create(FileDescriptorSetSchema, { file: [AnySchema.file.proto, ...file] }));
  const rpc: DescMethod | undefined = all.getService('files.Files')?.methods[0];
  if (!rpc) throw new Error('the service has no RPC');
  return { registry: all, rpc };
}

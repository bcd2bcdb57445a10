import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { isWrapperDesc } from '@bufbuild/protobuf/wkt';
import type { Policy } from '#libs/contracts';
import { jsonPath, type Route, resolveFieldPath } from '#libs/transcoding';
import type { JsonObject, Schema } from './json.js';
import type { OpenApiPath, PathPlace } from './path.js';
import { isRequired, type Schemas } from './schemas.js';
import { wellKnownSchema } from './well-known.js';

// Query parameters of messages that hold themselves would have no end.
const MAX_DEPTH = 4;
const TEXT = new Set(['google.protobuf.Timestamp', 'google.protobuf.Duration', 'google.protobuf.FieldMask']);

/** The parameters of one way to reach an RPC: its path, its query, and the headers that its policy gives a meaning. */
export function parametersOf(
  route: Route,
  { path, policy }: { path: OpenApiPath; policy: Policy },
  schemas: Schemas,
): JsonObject[] {
  return [
    ...path.places.map((place) => pathParameter(place, schemas)),
    ...(route.body === 'whole' ? [] : queryParameters(route, policy, schemas)),
    ...headerParameters(route, policy, schemas),
  ];
}

function pathParameter({ name, field, takesSlashes }: PathPlace, schemas: Schemas): JsonObject {
  const last = field?.at(-1);
  const { description, ...schema } = last ? schemas.field(last, 'parameter') : { type: 'string' };
  const text = [description, takesSlashes && 'May hold slashes.'].filter(Boolean).join('\n\n');
  const isFree = schema.type === 'string' && !('pattern' in schema || 'minLength' in schema || 'format' in schema);
  return {
    name,
    in: 'path',
    required: true,
    ...(text && { description: text }),
    schema: isFree ? { ...schema, minLength: 1 } : schema,
  };
}

/** What stands before the name of a field: as clients write it, and in json names. */
type Above = { readonly name: string; readonly path: string };

function queryParameters({ rpc, variables, body }: Route, policy: Policy, schemas: Schemas): JsonObject[] {
  const { preferWaitField: wait } = policy;
  // A query that names the field of Prefer is refused.
  const reserved = wait === '' ? [] : [resolveFieldPath(rpc.input, wait)];
  const filled = new Set([...variables, ...reserved].map(jsonPath));
  const isGoogle = schemas.looks.of(rpc.input).dialect === 'google';
  const parameters: JsonObject[] = [];
  const visit = (message: DescMessage, above: Above, depth: number) => {
    for (const field of message.fields) {
      const [name, path] = [above.name + schemas.looks.nameOf(field), above.path + field.jsonName];
      if (field === body || filled.has(path)) continue;
      if (isText(field) && !(isGoogle && isMany(field))) parameters.push(queryParameter(name, field, schemas));
      else if (field.fieldKind === 'message' && !wellKnownSchema(field.message) && depth < MAX_DEPTH)
        visit(field.message, { name: `${name}.`, path: `${path}.` }, depth + 1);
    }
  };
  visit(rpc.input, { name: '', path: '' }, 0);
  return parameters;
}

/** What http.proto has no parameters for. */
function isMany(field: DescField): boolean {
  return field.fieldKind === 'map' || (field.fieldKind === 'list' && field.message !== undefined);
}

/** Whether texts can give the field: scalars and enums, lists and maps of them, and messages that are one text. */
function isText(field: DescField): boolean {
  return !field.message || TEXT.has(field.message.typeName) || isWrapperDesc(field.message);
}

function queryParameter(name: string, field: DescField, schemas: Schemas): JsonObject {
  const { description, deprecated, ...schema } = schemas.field(field, 'parameter');
  return {
    name,
    in: 'query',
    ...(description && { description }),
    ...(deprecated && { deprecated }),
    // Of a message that may be absent no field is required.
    ...(isRequired(field, 'parameter') && !name.includes('.') && { required: true }),
    ...(field.fieldKind === 'map' && { style: 'deepObject', explode: true }),
    schema: withoutNull(schema),
  };
}

/** A query has no null. */
function withoutNull(schema: Schema): Schema {
  return Array.isArray(schema.type) ? { ...schema, type: schema.type[0] } : schema;
}

function headerParameters({ rpc }: Route, policy: Policy, schemas: Schemas): JsonObject[] {
  const { idempotency, preferWaitField, stream } = policy;
  const parameters: JsonObject[] = [];
  if (idempotency) {
    parameters.push({ $ref: `#/components/parameters/IdempotencyKey${idempotency.required ? '' : 'Optional'}` });
  }
  if (preferWaitField !== '') parameters.push({ $ref: '#/components/parameters/PreferWait' });
  if (stream && stream.resumeField !== '') {
    const { description: _, ...schema } = schemas.field(
      resolveFieldPath(rpc.input, stream.resumeField)[0],
      'parameter',
    );
    const description = 'The id of the last event that was read: the stream goes on after it. Empty: none was.';
    const schemaOrNone = { anyOf: [schema, { const: '' }] };
    parameters.push({ name: 'Last-Event-ID', in: 'header', description, schema: schemaOrNone });
  }
  return parameters;
}

const KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Chosen by the client, new for each operation and the same for each try of it: the operation takes effect once, and later requests under the key get the first answer (draft-ietf-httpapi-idempotency-key-header).',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]([ -~]*[!-~])?$' },
  example: '5f0c9b1e-9f0a-4a55-8a51-6d4f8f0d3f11',
};

/** Header parameters that operations share. */
export const SHARED_PARAMETERS: JsonObject = {
  IdempotencyKey: { ...KEY, required: true },
  IdempotencyKeyOptional: KEY,
  PreferWait: {
    name: 'Prefer',
    in: 'header',
    description: '`wait=N` waits up to N seconds, at most 30, for the outcome (RFC 7240).',
    schema: { type: 'string' },
    example: 'wait=10',
  },
};

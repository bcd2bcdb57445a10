import type { DescMessage } from '@bufbuild/protobuf';
import { Stream_Form } from '#libs/contracts';
import type { Route } from '#libs/transcoding';
import { commentOf } from './comments.js';
import { exampleRequest } from './example.js';
import { successHeaders } from './headers.js';
import type { Json, JsonObject, Schema } from './json.js';
import { parametersOf } from './parameters.js';
import type { OpenApiPath } from './path.js';
import { problemResponses, type SharedProblems } from './problems.js';
import { requiredOf } from './required.js';
import { isUnchecked } from './rules.js';
import { below, type Filled, isRequired, type Schemas } from './schemas.js';
import type { ServedRpc } from './served-rpc.js';

export interface OperationContext {
  readonly served: ServedRpc;
  readonly route: Route;
  readonly path: OpenApiPath;
  readonly operationId: string;
  readonly tag: string;
  readonly schemas: Schemas;
  readonly problems: SharedProblems;
}

/** One way to reach an RPC, as an Operation Object. */
export function operationObject(context: OperationContext): JsonObject {
  const { served, route, path, operationId, tag, schemas } = context;
  const { rpc } = served;
  const comment = commentOf(rpc);
  const parameters = parametersOf(route, { path, policy: served.policy }, schemas);
  const requestBody = bodyOf(route, served, schemas);
  return {
    operationId,
    tags: [tag],
    summary: summaryOf(comment) || spaced(rpc.name),
    ...(comment && { description: comment }),
    ...(rpc.proto.options?.deprecated && { deprecated: true }),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: responsesOf(context),
    security: securityOf(served),
  };
}

/** The first sentence. */
function summaryOf(comment: string): string {
  const [first = ''] = comment.split(/(?<=[.:;])\s/);
  return first.replace(/[.:;]$/, '');
}

/** `PlaceOrder` as `Place order`. */
function spaced(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function bodyOf({ rpc, body, variables }: Route, { policy }: ServedRpc, schemas: Schemas): JsonObject | undefined {
  if (body === 'none') return undefined;
  // A body that names the field of Prefer is refused.
  const reserved = policy.preferWaitField === '' ? [] : [policy.preferWaitField];
  const filled: Filled = new Set([...variables.map((path) => path.map(({ name }) => name).join('.')), ...reserved]);
  const within = body === 'whole' ? filled : below(filled, body.name);
  const schema =
    body === 'whole' ? schemas.message(rpc.input, 'request', within) : schemas.field(body, 'request', within);
  const message = body === 'whole' ? rpc.input : body.fieldKind === 'message' ? body.message : undefined;
  const names = schemas.looks.of(rpc.input).json.names;
  const example = message && ownFields(message) ? exampleRequest(message, within, names) : undefined;
  const { description, ...rest } = schema;
  // An empty body is an empty message: the body is needed where that would break rules.
  const isPatch = body !== 'whole' && isUnchecked(body);
  const needed = message && !isPatch ? [...requiredOf(message).fields].filter((name) => !within.has(name)) : [];
  const required = needed.length > 0 || (body !== 'whole' && isRequired(body, 'request'));
  return {
    ...(description !== undefined && { description }),
    required,
    content: { 'application/json': { schema: rest, ...(example && { example }) } },
  };
}

const ownFields = ({ file }: DescMessage) => file.proto.package !== 'google.protobuf';

function responsesOf({ served, route: { rpc, responseBody }, schemas, problems }: OperationContext): JsonObject {
  const { policy } = served;
  const schema = responseBody ? schemas.field(responseBody, 'response') : schemas.message(rpc.output, 'response');
  const status = String(policy.successStatus || 200);
  const isStream = rpc.methodKind === 'server_streaming';
  return {
    [status]: {
      description: isStream ? 'The messages as they come.' : descriptionOf(rpc.output),
      headers: successHeaders(policy),
      content: isStream ? streamContent(schema, policy.stream?.form) : { 'application/json': { schema } },
    },
    ...problemResponses(served, problems),
  };
}

function descriptionOf(message: DescMessage): string {
  return summaryOf(commentOf(message)) || `${message.name}.`;
}

/** The form for `Accept: *\/*` comes first. */
function streamContent(item: Schema, form: Stream_Form | undefined): JsonObject {
  const events: [string, Json] = [
    'text/event-stream',
    {
      schema: {
        type: 'object',
        description:
          'Server-sent events, each as an object; an event `error` holds a problem document, `end` says that all is said.',
        properties: {
          event: { type: 'string' },
          id: { type: 'string', description: 'What Last-Event-ID takes.' },
          data: { type: 'string', contentMediaType: 'application/json' },
        },
      },
      'x-event-data': item,
    },
  ];
  const lines: [string, Json] = [
    'application/x-ndjson',
    { schema: { type: 'string', description: 'One message in JSON per line.' }, 'x-line': item },
  ];
  const array: [string, Json] = ['application/json', { schema: { type: 'array', items: item } }];
  const others = [events, lines, array];
  const first = form === Stream_Form.SSE ? events : form === Stream_Form.NDJSON ? lines : array;
  return Object.fromEntries([first, ...others.filter((other) => other !== first)]);
}

/** OpenAPI wants all scopes of one entry, of one entry of the list. */
function securityOf({ access }: ServedRpc): Json {
  if (access.kind === 'public') return [];
  if (access.kind === 'authenticated') return [{ accessToken: [] }];
  const { all, any } = access;
  return any.length === 0 ? [{ accessToken: all }] : any.map((scope) => ({ accessToken: [...all, scope] }));
}

import type { DescMessage } from '@bufbuild/protobuf';
import { givesRawBody, type Route, takesRawBody } from '#libs/transcoding';
import { commentOf } from './comments.js';
import { exampleRequest } from './example.js';
import { successHeaders } from './headers.js';
import type { Json, JsonObject } from './json.js';
import { parametersOf } from './parameters.js';
import type { OpenApiPath } from './path.js';
import { problemResponses, type SharedProblems } from './problems.js';
import { requiredOf } from './required.js';
import { isUnchecked } from './rules.js';
import { below, type Filled, isRequired, type Schemas } from './schemas.js';
import type { ServedRpc } from './served-rpc.js';
import { RAW_CONTENT, receives, requestsContent, sends, streamContent, webSocketOf } from './streams.js';

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
  const webSocket = webSocketOf(served);
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
    ...(webSocket && { 'x-websocket': webSocket }),
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

function bodyOf(route: Route, { policy }: ServedRpc, schemas: Schemas): JsonObject | undefined {
  const { rpc, body, variables } = route;
  if (body === 'none') return undefined;
  if (takesRawBody(route)) return { description: 'Bytes, whatever they are.', content: RAW_CONTENT };
  // A body that names the field of Prefer is refused.
  const reserved = policy.preferWaitField === '' ? [] : [policy.preferWaitField];
  const filled: Filled = new Set([...variables.map((path) => path.map(({ name }) => name).join('.')), ...reserved]);
  const within = body === 'whole' ? filled : below(filled, body.name);
  const schema =
    body === 'whole' ? schemas.message(rpc.input, 'request', within) : schemas.field(body, 'request', within);
  const message = body === 'whole' ? rpc.input : body.fieldKind === 'message' ? body.message : undefined;
  if (sends(rpc)) return { content: requestsContent(schema) };
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

function responsesOf({ served, route, schemas, problems }: OperationContext): JsonObject {
  const { rpc, responseBody } = route;
  const { policy } = served;
  const schema = responseBody ? schemas.field(responseBody, 'response') : schemas.message(rpc.output, 'response');
  const status = String(policy.successStatus || 200);
  const isStream = receives(rpc);
  const json = isStream ? streamContent(schema, policy.stream?.form) : { 'application/json': { schema } };
  return {
    [status]: {
      description: isStream ? 'The messages as they come.' : descriptionOf(rpc.output),
      headers: successHeaders(policy),
      content: givesRawBody(route) ? RAW_CONTENT : json,
    },
    ...problemResponses(served, problems),
  };
}

function descriptionOf(message: DescMessage): string {
  return summaryOf(commentOf(message)) || `${message.name}.`;
}

/** OpenAPI wants all scopes of one entry, of one entry of the list. */
function securityOf({ access }: ServedRpc): Json {
  if (access.kind === 'public') return [];
  if (access.kind === 'authenticated') return [{ accessToken: [] }];
  const { all, any } = access;
  return any.length === 0 ? [{ accessToken: all }] : any.map((scope) => ({ accessToken: [...all, scope] }));
}

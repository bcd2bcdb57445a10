import { create, type DescMessage, type Message, type Registry } from '@bufbuild/protobuf';
import { type FieldMask, FieldMaskSchema } from '@bufbuild/protobuf/wkt';
import { Canonical, isObject } from './canonical.js';
import { REQUEST_RULES, type RequestRules } from './dialect.js';
import { maskFieldOf, maskPaths } from './field-mask.js';
import { type FieldPath, jsonPath } from './field-path.js';
import { type Json, type JsonObject, malformed, parseJson } from './json.js';
import { decodeVariable } from './path-variable.js';
import { childObject, fromText, percentDecode, QueryReader } from './query.js';
import { readMessage } from './read-message.js';
import type { Route } from './route.js';
import { Violations } from './violations.js';
import { hasOwnJson } from './well-known.js';

/** The parts of an HTTP request that become the request message. */
export interface HttpInput {
  /** Values of the path's variables as matched, still percent-encoded, in the template's order. */
  readonly variables: readonly string[];
  /** After the `?`, as sent. */
  readonly query: string;
  /** JSON, or empty; where the route takes bodies as they are (google.api.HttpBody), of any type. */
  readonly body: Uint8Array;
  /** Of a body that is taken as it is. */
  readonly contentType?: string | undefined;
}

/** Makes the request message of a route. Throws DomainErrors that name what is wrong. */
export interface MessageReader {
  read(input: HttpInput): Message;
}

export interface ReaderOptions {
  /** Those of `strict` by default. */
  readonly rules?: RequestRules;
  /** Filled by the server alone. */
  readonly reserved?: FieldPath | undefined;
}

/**
 * Reads the request messages of a route. A variable of the path wins over the body's or query's value of the same field;
 * an empty body is an empty message. Throws DomainErrors: MALFORMED_BODY, UNKNOWN_FIELD, VALIDATION_FAILED.
 */
export class RequestReader implements MessageReader {
  private readonly bound: ReadonlySet<string>;
  private readonly maskField: string | undefined;
  /** What query parameters can name: all but the field that is the body. */
  private readonly queryFields: DescMessage;
  private readonly rules: RequestRules;
  private readonly reserved: FieldPath | undefined;

  constructor(
    private readonly route: Route,
    private readonly registry: Registry,
    { rules = REQUEST_RULES.strict, reserved }: ReaderOptions = {},
  ) {
    const { body, variables } = route;
    this.rules = rules;
    this.reserved = reserved;
    this.bound = new Set(variables.map(jsonPath));
    const { input } = route.rpc;
    this.queryFields = { ...input, fields: input.fields.filter((field) => field !== body) };
    this.maskField =
      rules.fillsMask && typeof body === 'object' && route.httpMethod === 'PATCH'
        ? maskFieldOf(route)?.localName
        : undefined;
  }

  read({ variables, query, body }: HttpInput): Message {
    const violations = new Violations();
    const json = this.fromBody(body, violations);
    const fromQuery: JsonObject = Object.create(null);
    if (this.route.body === 'whole') refuseQuery(query, violations);
    else
      new QueryReader(this.queryFields, { bound: this.bound, violations, takes: this.rules.query }).read(
        query,
        fromQuery,
      );
    // The target has no prototype: a key "__proto__" is a key like any other.
    Object.assign(json, fromQuery);
    if (this.reserved && holds(json, this.reserved)) {
      violations.invalid(jsonPath(this.reserved), 'is set by the server alone');
    }
    // Before the path is filled in: what only names the resource is not changed.
    const mask = this.maskOf(json);
    this.fillVariables(json, variables, violations);
    const message = readMessage(this.route.rpc.input, json, { registry: this.registry, violations });
    violations.throwIfAny();
    if (!message) throw new Error('a message that could not be read left no violation');
    return this.withMask(message, mask);
  }

  private fromBody(bytes: Uint8Array, violations: Violations): JsonObject {
    const { body, rpc } = this.route;
    const { duplicates, nullBody } = this.rules;
    const empty: JsonObject = Object.create(null);
    if (bytes.length === 0) return empty;
    if (body === 'none') throw malformed('must be empty: this operation takes no body', 0);
    const value = parseJson(bytes, { duplicates });
    const canonical = new Canonical(this.registry, violations, duplicates);
    if (body === 'whole') {
      const json = hasOwnJson(rpc.input) || isObject(value) ? canonical.message(rpc.input, value, '') : value;
      if (!isObject(json)) throw malformed(`must be an object, not ${nameOf(value)}`, 0);
      return json;
    }
    if (value === null && nullBody) return Object.assign(empty, { [body.jsonName]: value });
    if (body.fieldKind === 'message' && !hasOwnJson(body.message) && !isObject(value)) {
      throw malformed(`must be an object, not ${nameOf(value)}`, 0);
    }
    empty[body.jsonName] = canonical.field(body, value, body.jsonName);
    return empty;
  }

  private fillVariables(json: JsonObject, values: readonly string[], violations: Violations): void {
    for (const [index, path] of this.route.variables.entries()) {
      const { multiSegment = false } = this.route.template.variables[index] ?? {};
      const value = decodeVariable(values[index] ?? '', multiSegment);
      if (value === undefined) violations.invalid(jsonPath(path), 'has a broken percent-encoding');
      else setVariable(json, path, value);
    }
  }

  /** AIP-134: a PATCH without a mask changes what its body names. */
  private maskOf(json: JsonObject): FieldMask | undefined {
    const { body } = this.route;
    if (this.maskField === undefined || typeof body !== 'object' || !body.message) return undefined;
    const resource = json[body.jsonName];
    return isObject(resource) ? create(FieldMaskSchema, { paths: maskPaths(body.message, resource) }) : undefined;
  }

  private withMask(message: Message, mask: FieldMask | undefined): Message {
    if (this.maskField === undefined || !mask) return message;
    const fields = message as Message & Record<string, FieldMask | undefined>;
    fields[this.maskField] ??= mask;
    return message;
  }
}

function holds(json: JsonObject, path: FieldPath): boolean {
  let value: Json | undefined = json;
  for (const { jsonName } of path) value = isObject(value) ? value[jsonName] : undefined;
  return value !== undefined;
}

function setVariable(json: JsonObject, path: FieldPath, value: string): void {
  const last = path[path.length - 1] ?? path[0];
  let object = json;
  for (const field of path.slice(0, -1)) object = childObject(object, field.jsonName);
  object[last.jsonName] = fromText(last, value);
}

function refuseQuery(query: string, violations: Violations): void {
  for (const pair of query.split('&')) {
    const name = percentDecode(pair.split('=', 1)[0] ?? '');
    if (name !== '') violations.unknown(name ?? pair, '', []);
  }
}

function nameOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

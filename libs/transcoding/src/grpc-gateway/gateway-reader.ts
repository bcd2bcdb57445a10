import { create, type DescField, fromJson, type JsonValue, type Message, type Registry } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { FieldMaskSchema } from '@bufbuild/protobuf/wkt';
import { type FieldPath, jsonPath } from '../field-path.js';
import { Duplicates, type Json, type JsonObject, parseJson } from '../json.js';
import type { HttpInput, MessageReader } from '../request.js';
import type { Route } from '../route.js';
import { Violations } from '../violations.js';
import { pathsIn } from './body-mask.js';
import { GoJson, hasNull } from './go-json.js';
import { decodeBytes, goQuery } from './go-query.js';
import { fieldOf, Refusal, setField } from './set-field.js';

/**
 * Reads the request messages of a route as grpc-gateway v2 does with its default ServeMux and marshaler: of the body the first
 * JSON value, with what is unknown in it passed over; then the path; then the query. README.md lists what is otherwise.
 */
export class GrpcGatewayReader implements MessageReader {
  private readonly maskField: DescField | undefined;
  /** Proto names of what path and body fill: parameters of these, of what is in them and of what they are in are passed over. */
  private readonly bound: readonly (readonly string[])[];
  private readonly hasQuery: boolean;

  constructor(
    private readonly route: Route,
    private readonly registry: Registry,
    /** Filled by the server alone. */
    private readonly reserved?: FieldPath | undefined,
  ) {
    const { body, variables, httpMethod, rpc } = route;
    const { fields } = rpc.input;
    const bound = [...(typeof body === 'object' ? [[body]] : []), ...variables];
    this.bound = bound.map((path) => path.map(({ name }) => name));
    const single = new Set(this.bound.filter((path) => path.length === 1).map(([name]) => name));
    this.hasQuery = body !== 'whole' && fields.some(({ name }) => !single.has(name));
    const masks = fields.filter(
      ({ fieldKind, message }) => fieldKind === 'message' && message.typeName === FieldMaskSchema.typeName,
    );
    const fillsMask = httpMethod === 'PATCH' && typeof body === 'object' && masks.length === 1;
    this.maskField = fillsMask ? masks[0] : undefined;
  }

  read({ variables, query, body }: HttpInput): Message {
    const violations = new Violations();
    const message = this.fromBody(body, violations);
    const reflected = reflect(this.route.rpc.input, message);
    this.fillVariables(reflected, variables, violations);
    if (this.hasQuery) this.fillQuery(reflected, query, violations);
    if (this.reserved && isSet(reflected, this.reserved)) {
      violations.invalid(jsonPath(this.reserved), 'is set by the server alone');
    }
    violations.throwIfAny();
    return message;
  }

  private fromBody(bytes: Uint8Array, violations: Violations): Message {
    const { body, rpc } = this.route;
    const duplicates = new Duplicates();
    if (body === 'none' || isBlank(bytes)) return this.empty();
    const value = parseJson(bytes, { duplicates, onlyFirst: true, infinite: true });
    const go = new GoJson(this.registry, { violations, duplicates });
    if (body === 'whole') {
      return this.built(go.message(rpc.input, value, ''), violations);
    }
    const isNull = value === null && !hasNull(body) && body.fieldKind !== 'message';
    const json: JsonObject = { [body.jsonName]: isNull ? null : go.field(body, value, '') };
    const message = this.built(json, violations);
    this.fillMask(message, value, violations);
    return message;
  }

  /** Without a body, a field that is the body is there all the same, as is the mask. */
  private empty(): Message {
    const { body, rpc } = this.route;
    const message = create(rpc.input);
    if (typeof body !== 'object') return message;
    const reflected = reflect(rpc.input, message);
    if (body.fieldKind === 'message') reflected.set(body, reflected.get(body));
    this.fillMask(message, {}, new Violations());
    return message;
  }

  private built(json: Json, violations: Violations): Message {
    const { input } = this.route.rpc;
    if (!violations.isEmpty) return create(input);
    try {
      // GoJson leaves no bigint.
      return fromJson(input, json as JsonValue, { registry: this.registry });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      violations.invalid('', (reason.split('JSON: ').at(-1) ?? reason).slice(0, 300));
      return create(input);
    }
  }

  private fillMask(message: Message, value: Json, violations: Violations): void {
    const { body, rpc } = this.route;
    if (!this.maskField || typeof body !== 'object' || body.fieldKind !== 'message') return;
    attempt({ violations, at: '' }, () => {
      const mask = create(FieldMaskSchema, { paths: pathsIn(body.message, value) });
      if (this.maskField) reflect(rpc.input, message).set(this.maskField, reflect(FieldMaskSchema, mask));
    });
  }

  private fillVariables(message: ReflectMessage, texts: readonly string[], violations: Violations): void {
    for (const [index, path] of this.route.variables.entries()) {
      const at = jsonPath(path);
      const text = decodeBytes(texts[index] ?? '');
      attempt({ violations, at }, () => {
        // What the body has set of itself, the path sets again; another field of its oneof is refused.
        if (path.length === 1 && message.isSet(path[0])) message.clear(path[0]);
        setField(message, { path: path.map(({ name }) => name), values: [text] }, this.registry);
      });
    }
  }

  private fillQuery(message: ReflectMessage, query: string, violations: Violations): void {
    const parameters = goQuery(query);
    if (!parameters) {
      violations.invalid('', 'has a query with a semicolon or a broken percent-encoding');
      return;
    }
    const seen = new Set<string>();
    for (const [name, values] of parameters) {
      const [, field = name, mapKey] = /^(.*)\[(.*)\]$/.exec(name) ?? [];
      const path = normalized(message, field.split('.'));
      if (this.isBound(path)) continue;
      const place = mapKey === undefined ? path.join('.') : `${path.join('.')}[${mapKey}]`;
      attempt({ violations, at: name }, () => {
        if (seen.has(place)) throw new Refusal('is given twice, by two names');
        seen.add(place);
        setField(message, { path, values, mapKey }, this.registry);
      });
    }
  }

  private isBound(path: readonly string[]): boolean {
    return this.bound.some((names) => {
      const length = Math.min(names.length, path.length);
      return names.slice(0, length).join('.') === path.slice(0, length).join('.');
    });
  }
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 10 || byte === 13);
}

function attempt({ violations, at }: { violations: Violations; at: string }, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    violations.invalid(at, error.description);
  }
}

/** In proto names; as it is, where not all of it is known. */
function normalized(message: ReflectMessage, path: readonly string[]): readonly string[] {
  const names: string[] = [];
  let desc = message.desc;
  for (const [index, name] of path.entries()) {
    const field = fieldOf(desc, name);
    if (!field) return path;
    names.push(field.name);
    if (index === path.length - 1) break;
    if (field.fieldKind !== 'message') return path;
    desc = field.message;
  }
  return names;
}

function isSet(message: ReflectMessage, path: FieldPath): boolean {
  let current = message;
  for (const field of path) {
    if (!current.isSet(field)) return false;
    if (field.fieldKind === 'message') current = current.get(field);
  }
  return true;
}

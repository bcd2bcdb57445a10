import { type DescField, type DescMessage, fromBinary, type Message, type Registry, toJson } from '@bufbuild/protobuf';
import { type FieldPath, readText } from './field-path.js';
import type { Route } from './route.js';
import { isAny, isFreeForm, isTextMessage } from './well-known.js';

/** A response message as JSON, and its fields as text. */
export interface EncodedResponse {
  readonly json: Buffer;
  /** A scalar or enum field as text: for the Location header, the id of an event. */
  text(path: FieldPath): string;
}

/**
 * Writes the response messages of a route: fields without presence are always there (`[]`, `""`, `"0"`), but an enum that
 * is unset, i.e. `…_UNSPECIFIED`, is left out: an order that was not rejected has no `reason`.
 */
export class ResponseWriter {
  constructor(
    private readonly route: Route,
    private readonly registry: Registry,
  ) {}

  write(bytes: Uint8Array): EncodedResponse {
    const desc = this.route.rpc.output;
    const message = fromBinary(desc, bytes);
    return { json: this.toJson(desc, message), text: (path) => readText(desc, message, path) };
  }

  private toJson(desc: DescMessage, message: Message): Buffer {
    const json: unknown = toJson(desc, message, { registry: this.registry, alwaysEmitImplicit: true });
    dropUnsetEnums(desc, json);
    const { responseBody } = this.route;
    const body = responseBody && isRecord(json) ? (json[responseBody.jsonName] ?? null) : json;
    return Buffer.from(JSON.stringify(body));
  }
}

type Pruned = { readonly field: DescField; readonly unset: string | undefined };
const plans = new WeakMap<DescMessage, readonly Pruned[]>();

function dropUnsetEnums(desc: DescMessage, json: unknown): void {
  if (!isRecord(json)) return;
  for (const { field, unset } of planOf(desc)) {
    const value = json[field.jsonName];
    if (value === undefined) continue;
    if (unset !== undefined) {
      if (value === unset) delete json[field.jsonName];
      continue;
    }
    const { message } = field;
    if (!message) continue;
    if (field.fieldKind === 'message') dropUnsetEnums(message, value);
    else for (const item of Object.values(value ?? [])) dropUnsetEnums(message, item);
  }
}

/** The fields below which there is an enum to drop; found once per message. */
function planOf(desc: DescMessage): readonly Pruned[] {
  const known = plans.get(desc);
  if (known) return known;
  const plan: Pruned[] = [];
  plans.set(desc, plan);
  for (const field of desc.fields) {
    const zero = field.fieldKind === 'enum' ? field.enum.values[0]?.name : undefined;
    if (zero?.endsWith('UNSPECIFIED')) plan.push({ field, unset: zero });
    else if (field.message && !hasForeignKeys(field.message)) plan.push({ field, unset: undefined });
  }
  return plan;
}

function hasForeignKeys(message: DescMessage): boolean {
  return isAny(message) || isFreeForm(message) || isTextMessage(message);
}

function isRecord(value: unknown): value is Record<string, object | string | null | undefined> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

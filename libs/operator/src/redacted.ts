import {
  type DescField,
  type DescMessage,
  getOption,
  hasOption,
  isMessage,
  type JsonObject,
  type JsonValue,
  type MessageShape,
  toJson,
} from '@bufbuild/protobuf';
import { pii, secret } from '#libs/contracts';
import { redactText } from '#libs/service';

const REDACTED = '[redacted]';

/** A message for an operator's eyes: as JSON, without fields that its contract marks `pii` or `secret`. */
export function redactedJson<D extends DescMessage>(schema: D, message: MessageShape<D>): JsonObject {
  if (!isMessage(message, schema)) throw new Error(`expected a ${schema.typeName}`);
  return asObject(cut(schema, toJson(schema, message)));
}

/**
 * Data without a contract (what a saga carries), without the fields that are named and without every name that some
 * contract marks.
 */
export function redactedData(data: unknown, names: ReadonlySet<string>): JsonObject {
  return asObject(cutNames(JSON.parse(JSON.stringify(data ?? {})), names));
}

function cut(schema: DescMessage, json: JsonValue): JsonValue {
  if (!isObject(json)) return clean(json);
  const fields = new Map(schema.fields.map((field) => [field.jsonName, field]));
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, cutField(fields.get(name), value)] as const),
  );
}

function cutField(field: DescField | undefined, value: JsonValue): JsonValue {
  if (!field) return clean(value);
  if (isMarked(field)) return REDACTED;
  const inner = field.message;
  if (!inner) return clean(value);
  if (Array.isArray(value)) return value.map((item) => cut(inner, item));
  if (field.fieldKind !== 'map' || !isObject(value)) return cut(inner, value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cut(inner, item)]));
}

function cutNames(json: JsonValue, names: ReadonlySet<string>): JsonValue {
  if (Array.isArray(json)) return json.map((item) => cutNames(item, names));
  if (!isObject(json)) return clean(json);
  const entries = Object.entries(json).map(
    ([name, value]) => [name, names.has(name) ? REDACTED : cutNames(value, names)] as const,
  );
  return Object.fromEntries(entries);
}

/** Also a text that nobody marked may quote an address or a token. */
function clean(json: JsonValue): JsonValue {
  if (typeof json === 'string') return redactText(json);
  if (Array.isArray(json)) return json.map(clean);
  if (!isObject(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, clean(value)]));
}

export const isMarked = (field: DescField): boolean =>
  [pii, secret].some((mark) => hasOption(field, mark) && getOption(field, mark));

const isObject = (json: JsonValue): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

const asObject = (json: JsonValue): JsonObject => (isObject(json) ? json : {});

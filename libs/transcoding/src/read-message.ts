import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type Registry,
} from '@bufbuild/protobuf';
import { isObject } from './canonical.js';
import { fieldNamed } from './field-path.js';
import type { Json, JsonObject } from './json.js';
import type { Violations } from './violations.js';
import { expectation, hasOwnJson } from './well-known.js';

/**
 * Canonical JSON (see Canonical) as a message. What does not fit is reported with its path; the message is undefined
 * then.
 */
export function readMessage(
  desc: DescMessage,
  json: JsonObject,
  { registry, violations }: { registry: Registry; violations: Violations },
): Message | undefined {
  try {
    return parse(desc, json, registry);
  } catch (error) {
    const before = violations.isEmpty;
    new Finder(registry, violations).message(desc, json, '');
    if (before && violations.isEmpty) violations.invalid('', reasonOf(error));
    return undefined;
  }
}

/**
 * Finds all that fromJson refuses, by trying the parts of the message: fromJson stops at the first fault and does not tell where
 * it is. Runs only for requests that are refused, and tries no part more often than a few times, however deep it lies.
 */
class Finder {
  constructor(
    private readonly registry: Registry,
    private readonly violations: Violations,
  ) {}

  message(desc: DescMessage, json: JsonObject, at: string): void {
    const entries = Object.entries(json);
    // Messages inside are tried for themselves.
    const own: JsonObject = Object.fromEntries(entries.map(([key, value]) => [key, outside(desc, key, value)]));
    const reason = this.reason(desc, own);
    let isFound = false;
    for (const [key, value] of entries) {
      if (this.violations.isFull) return;
      const field = fieldNamed(desc, key);
      if (!field) continue;
      const path = at === '' ? key : `${at}.${key}`;
      const shallow = own[key] ?? value;
      if (reason !== undefined && !this.fits(desc, { [key]: shallow })) {
        this.field(field, shallow, path);
        isFound = true;
      }
      if (holdsMessages(field, value)) this.inside(field, value, path);
    }
    // Each part fits but not the whole: two members of one oneof.
    if (reason !== undefined && !isFound) this.violations.invalid(at, reason);
  }

  private inside({ message, fieldKind }: DescField, value: Json, at: string): void {
    const one = (item: Json, path: string) => {
      if (message && isObject(item) && !this.violations.isFull) this.message(message, item, path);
    };
    if (Array.isArray(value)) for (const [index, item] of value.entries()) one(item, `${at}[${index}]`);
    else if (fieldKind !== 'map') one(value, at);
    else if (isObject(value)) for (const [key, item] of Object.entries(value)) one(item, `${at}[${key}]`);
  }

  private field(field: DescField, value: Json, at: string): void {
    const { jsonName, parent } = field;
    if (field.fieldKind === 'list' && Array.isArray(value)) {
      const fits = (items: [number, Json][]) => this.fits(parent, { [jsonName]: items.map(([, item]) => item) });
      this.each([...value.entries()], fits, (index) => this.violations.invalid(`${at}[${index}]`, must(field)));
    } else if (field.fieldKind === 'map' && isObject(value)) {
      const fits = (items: [string, Json][]) => this.fits(parent, { [jsonName]: Object.fromEntries(items) });
      this.each(Object.entries(value), fits, (key) => this.violations.invalid(`${at}[${key}]`, must(field)));
    } else if (field.fieldKind === 'list' || field.fieldKind === 'map') {
      this.violations.invalid(at, `must be ${field.fieldKind === 'list' ? 'a list' : 'an object'}`);
    } else {
      this.violations.invalid(at, must(field));
    }
  }

  /** Tells those that do not fit, by halves: of many items few are wrong. */
  private each<K>(items: [K, Json][], fits: (items: [K, Json][]) => boolean, tell: (key: K) => void): void {
    if (this.violations.isFull || items.length === 0 || fits(items)) return;
    const [first] = items;
    if (items.length === 1 && first) {
      tell(first[0]);
      return;
    }
    const half = items.length >> 1;
    this.each(items.slice(0, half), fits, tell);
    this.each(items.slice(half), fits, tell);
  }

  private fits(desc: DescMessage, json: JsonObject): boolean {
    return this.reason(desc, json) === undefined;
  }

  private reason(desc: DescMessage, json: JsonObject): string | undefined {
    try {
      parse(desc, json, this.registry);
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }
}

const must = (field: DescField): string => `must be ${expectation(field)}`;

/** Whether a value, by its form, has messages in it that are objects of fields. */
function holdsMessages({ fieldKind, message }: DescField, value: Json): boolean {
  if (!message || hasOwnJson(message)) return false;
  return fieldKind === 'list' ? Array.isArray(value) : isObject(value);
}

/** What stands for such a value where only the message around it is tried. */
function outside(desc: DescMessage, key: string, value: Json): Json {
  const field = fieldNamed(desc, key);
  if (!field || !holdsMessages(field, value)) return value;
  const empty = (item: Json) => (isObject(item) ? {} : item);
  if (Array.isArray(value)) return value.map(empty);
  if (field.fieldKind !== 'map' || !isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, empty(item)]));
}

function parse(desc: DescMessage, json: JsonObject, registry: Registry): Message {
  // fromJson reads own keys only, and Canonical leaves no bigint: the value is JSON.
  return fromJson(desc, json as JsonValue, { registry });
}

/** The text after the last "JSON: ", which names types of ours before it. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('JSON: ').at(-1) ?? message).slice(0, 300);
}

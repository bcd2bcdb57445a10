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
 * Finds all that fromJson refuses, by trying one part of the message after the other: fromJson stops at the first fault
 * and does not tell where it is. Runs only for requests that are refused.
 */
class Finder {
  constructor(
    private readonly registry: Registry,
    private readonly violations: Violations,
  ) {}

  message(desc: DescMessage, json: JsonObject, at: string): void {
    let culprit = false;
    for (const [key, value] of Object.entries(json)) {
      const field = fieldNamed(desc, key);
      if (!field || this.fits(desc, { [key]: value })) continue;
      culprit = true;
      this.field(field, value, at === '' ? key : `${at}.${key}`);
    }
    // Each part fits but not the whole: two members of one oneof.
    if (!culprit) this.violations.invalid(at, this.reason(desc, json));
  }

  private field(field: DescField, value: Json, at: string): void {
    if (field.fieldKind === 'list' && Array.isArray(value)) {
      value.forEach((item, index) => {
        if (!this.fits(field.parent, { [field.jsonName]: [item] })) this.single(field, item, `${at}[${index}]`);
      });
    } else if (field.fieldKind === 'map' && isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (!this.fits(field.parent, { [field.jsonName]: { [key]: item } })) this.single(field, item, `${at}[${key}]`);
      }
    } else if (field.fieldKind === 'list' || field.fieldKind === 'map') {
      this.violations.invalid(at, `must be ${field.fieldKind === 'list' ? 'a list' : 'an object'}`);
    } else {
      this.single(field, value, at);
    }
  }

  private single(field: DescField, value: Json, at: string): void {
    if (field.message && !hasOwnJson(field.message) && isObject(value)) {
      this.message(field.message, value, at);
      return;
    }
    this.violations.invalid(at, `must be ${expectation(field)}`);
  }

  private fits(desc: DescMessage, json: JsonObject): boolean {
    try {
      parse(desc, json, this.registry);
      return true;
    } catch {
      return false;
    }
  }

  private reason(desc: DescMessage, json: JsonObject): string {
    try {
      parse(desc, json, this.registry);
    } catch (error) {
      return reasonOf(error);
    }
    return 'is not valid';
  }
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

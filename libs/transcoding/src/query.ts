import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { isWrapperDesc } from '@bufbuild/protobuf/wkt';
import { isObject, jsonNames } from './canonical.js';
import { decimal } from './decimal.js';
import type { RequestRules } from './dialect.js';
import { fieldNamed } from './field-path.js';
import type { Json, JsonObject } from './json.js';
import { textOfParts } from './query-parts.js';
import type { Violations } from './violations.js';
import { expectation, isTextMessage } from './well-known.js';

export interface QueryOptions {
  /** Paths in json names that the URL's path or the body fill: a parameter of the same field is passed over. */
  readonly bound: ReadonlySet<string>;
  readonly violations: Violations;
  readonly takes: RequestRules['query'];
}

/**
 * Adds the parameters of a query string to the request's JSON: `a.b=`, repeated fields by repeating the parameter, maps
 * as `m[key]=`. Names may be json or proto names.
 */
export class QueryReader {
  private readonly bound: ReadonlySet<string>;
  private readonly violations: Violations;
  private readonly takesParts: boolean;
  /** Messages that have a text and were given by their fields, with what holds them. */
  private readonly parts = new Map<JsonObject, [holder: JsonObject, field: DescField]>();

  constructor(
    private readonly desc: DescMessage,
    { bound, violations, takes }: QueryOptions,
  ) {
    this.bound = bound;
    this.violations = violations;
    this.takesParts = takes === 'parts';
  }

  read(query: string, target: JsonObject): void {
    for (const [name, value] of parametersOf(query, this.violations)) this.parameter(name, value, target);
    for (const [parts, [holder, field]] of this.parts) this.join(parts, holder, field);
  }

  private parameter(name: string, value: string, target: JsonObject): void {
    const mapKey = /^([^[\]]+)\[(.*)\]$/s.exec(name);
    const fields = this.resolve(name, (mapKey?.[1] ?? name).split('.'));
    const field = fields?.at(-1);
    if (!fields || !field || this.isBound(fields)) return;
    let object = target;
    for (const above of fields.slice(0, -1)) {
      const holder = object;
      if (above.message && isTextMessage(above.message) && isText(holder[above.jsonName])) {
        this.violations.invalid(name, 'is given twice');
        return;
      }
      object = childObject(object, above.jsonName);
      if (above.message && isTextMessage(above.message)) this.parts.set(object, [holder, above]);
    }
    this.assign({ field, name, mapKey: mapKey?.[2] }, value, object);
  }

  private resolve(name: string, parts: readonly string[]): DescField[] | undefined {
    const fields: DescField[] = [];
    let desc: DescMessage | undefined = this.desc;
    for (const part of parts) {
      const field: DescField | undefined = desc && fieldNamed(desc, part);
      if (!field) {
        this.violations.unknown(name, part, desc ? jsonNames(desc) : []);
        return undefined;
      }
      fields.push(field);
      const isOpen: boolean = field.fieldKind === 'message' && (this.takesParts || !isTextMessage(field.message));
      desc = isOpen ? field.message : undefined;
    }
    return fields;
  }

  private isBound(fields: readonly DescField[]): boolean {
    return this.bound.has(fields.map(({ jsonName }) => jsonName).join('.'));
  }

  private assign(
    { field, name, mapKey }: { field: DescField; name: string; mapKey: string | undefined },
    value: string,
    object: JsonObject,
  ): void {
    const simple = field.message ? isTextMessage(field.message) : true;
    if (!simple || (this.takesParts && isMany(field)) || (field.fieldKind === 'map') !== (mapKey !== undefined)) {
      this.violations.invalid(name, 'cannot be given as a query parameter');
    } else if (mapKey !== undefined) {
      this.once(childObject(object, field.jsonName), mapKey, [name, fromText(field, value)]);
    } else if (field.fieldKind === 'list') {
      const items = object[field.jsonName];
      if (Array.isArray(items)) items.push(fromText(field, value));
      else object[field.jsonName] = [fromText(field, value)];
    } else {
      this.once(object, field.jsonName, [name, fromText(field, value)]);
    }
  }

  /** In place of the fields, the text that they mean. */
  private join(parts: JsonObject, holder: JsonObject, field: DescField): void {
    const text = field.message && textOfParts(field.message, parts);
    // What is told once is not told again.
    if (text === undefined) delete holder[field.jsonName];
    if (text === undefined) this.violations.invalid(field.jsonName, `must be ${expectation(field)}, or its fields`);
    else holder[field.jsonName] = text;
  }

  private once(object: JsonObject, key: string, [name, value]: [string, Json]): void {
    if (Object.hasOwn(object, key)) this.violations.invalid(name, 'is given twice');
    else object[key] = value;
  }
}

/** Maps, and lists of messages: http.proto has no parameters for them. */
function isMany(field: DescField): boolean {
  return field.fieldKind === 'map' || (field.fieldKind === 'list' && field.message !== undefined);
}

const isText = (value: Json | undefined): boolean => value !== undefined && !isObject(value);

/** The object below a key, made when there is none. */
export function childObject(object: JsonObject, key: string): JsonObject {
  const present = object[key];
  if (isObject(present)) return present;
  const child: JsonObject = Object.create(null);
  object[key] = child;
  return child;
}

/** The JSON that a text stands for in a path or query, by the field's type; fromJson refuses what does not fit. */
export function fromText(field: DescField, text: string): Json {
  if (field.enum) return /^-?\d{1,10}$/.test(text) ? Number(text) : text;
  const wrapped = field.message && isWrapperDesc(field.message) ? field.message.fields[0] : undefined;
  const scalar = field.scalar ?? wrapped?.scalar;
  if (scalar !== ScalarType.BOOL) return decimal(scalar, text);
  return text === 'true' || (text === 'false' ? false : text);
}

/** Percent-decodes, `+` being a plus sign; undefined when the encoding is broken. */
export function percentDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function* parametersOf(query: string, violations: Violations): Generator<[string, string]> {
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const [rawName, rawValue] = equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    const name = percentDecode(rawName.replaceAll('+', ' '));
    const value = percentDecode(rawValue.replaceAll('+', ' '));
    if (name === undefined || value === undefined) violations.invalid(rawName, 'has a broken percent-encoding');
    else yield [name, value];
  }
}

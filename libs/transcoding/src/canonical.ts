import type { DescExtension, DescField, DescMessage, Registry } from '@bufbuild/protobuf';
import { isWrapperDesc } from '@bufbuild/protobuf/wkt';
import { decimal, isLong, withoutUnderflow } from './decimal.js';
import { fieldNamed } from './field-path.js';
import type { Json, JsonObject } from './json.js';
import type { Violations } from './violations.js';
import { isAny, isFreeForm, isTextMessage } from './well-known.js';

/**
 * Rewrites JSON that was read without loss into what fromJson of @bufbuild/protobuf takes: keys by json name, 64-bit
 * integers as strings, other big integers as numbers. Unknown keys are left out and reported by their path. Types are not
 * checked here: a value that does not fit passes unchanged.
 */
export class Canonical {
  constructor(
    private readonly registry: Registry,
    private readonly violations: Violations,
    /** Of the two names of a field in one object. */
    private readonly duplicates: 'refused' | 'last wins' = 'refused',
  ) {}

  message(desc: DescMessage, value: Json, at: string): Json {
    if (isAny(desc)) return this.any(value, at);
    if (isFreeForm(desc)) return asNumbers(value);
    const wrapped = isWrapperDesc(desc) ? desc.fields[0] : undefined;
    if (wrapped) return this.single(wrapped, value, at);
    if (isTextMessage(desc) || !isObject(value)) return asNumbers(value);
    return this.fields(desc, value, at);
  }

  field(field: DescField | DescExtension, value: Json, at: string): Json {
    if (field.fieldKind === 'list') {
      if (!Array.isArray(value)) return asNumbers(value);
      return value.map((item, index) => this.single(field, item, `${at}[${index}]`));
    }
    if (field.fieldKind === 'map') {
      if (!isObject(value)) return asNumbers(value);
      const map: JsonObject = Object.create(null);
      for (const [key, item] of Object.entries(value)) map[key] = this.single(field, item, `${at}[${key}]`);
      return map;
    }
    return this.single(field, value, at);
  }

  private single(field: DescField | DescExtension, value: Json, at: string): Json {
    if (field.message) return this.message(field.message, value, at);
    if (typeof value === 'string') return decimal(field.scalar, value);
    if (typeof value === 'number') return withoutUnderflow(field.scalar, value);
    if (typeof value !== 'bigint') return value;
    return isLong(field.scalar) ? String(value) : Number(value);
  }

  private fields(desc: DescMessage, value: JsonObject, at: string): JsonObject {
    const object: JsonObject = Object.create(null);
    for (const [key, item] of Object.entries(value)) {
      const field = fieldNamed(desc, key) ?? this.extension(desc, key);
      const path = at === '' ? key : `${at}.${key}`;
      if (!field) this.violations.unknown(path, key, jsonNames(desc));
      else if (this.duplicates === 'refused' && field.jsonName in object)
        this.violations.invalid(path, 'is given twice, by two names');
      else object[field.jsonName] = this.field(field, item, at === '' ? field.jsonName : `${at}.${field.jsonName}`);
    }
    return object;
  }

  /** A field that another file gives a message, by its full name in brackets. */
  private extension(desc: DescMessage, key: string): DescExtension | undefined {
    const name = /^\[(.+)\]$/.exec(key)?.[1];
    const extension = name === undefined ? undefined : this.registry.getExtension(name);
    return extension?.extendee.typeName === desc.typeName ? extension : undefined;
  }

  private any(value: Json, at: string): Json {
    if (!isObject(value)) return value;
    const { '@type': url, ...rest } = value;
    const desc = typeof url === 'string' ? this.registry.getMessage(url.slice(url.lastIndexOf('/') + 1)) : undefined;
    if (url === undefined || !desc) return asNumbers(value);
    if (isTextMessage(desc) || isFreeForm(desc) || isAny(desc)) {
      return { '@type': url, value: this.message(desc, rest.value ?? null, `${at}.value`) };
    }
    return Object.assign(this.fields(desc, rest, at), { '@type': url });
  }
}

/** The names that a message's JSON has. */
export function jsonNames(desc: DescMessage): string[] {
  return desc.fields.map(({ jsonName }) => jsonName);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Numbers of free-form JSON are doubles (google.protobuf.Value). */
function asNumbers(value: Json): Json {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(asNumbers);
  if (!isObject(value)) return value;
  const object: JsonObject = Object.create(null);
  for (const [key, item] of Object.entries(value)) object[key] = asNumbers(item);
  return object;
}

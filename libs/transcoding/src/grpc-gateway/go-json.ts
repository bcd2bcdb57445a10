import { type DescExtension, type DescField, type DescMessage, type Registry, ScalarType } from '@bufbuild/protobuf';
import { isWrapperDesc } from '@bufbuild/protobuf/wkt';
import { isObject } from '../canonical.js';
import { fieldNamed } from '../field-path.js';
import type { Duplicates, Json, JsonObject } from '../json.js';
import type { Violations } from '../violations.js';
import { expectation, isAny, isFreeForm, isTextMessage } from '../well-known.js';
import { jsonScalar, mapKey } from './go-scalars.js';
import { wellKnownText } from './json-texts.js';

/** Of a value that is passed over: an enum's name that nobody knows. */
const NONE = Symbol();
type Value = Json | typeof NONE;

/**
 * Rewrites JSON that was read without loss into what fromJson of @bufbuild/protobuf takes, as protojson of Go reads it with
 * DiscardUnknown: names and enum values that are unknown are passed over, also twice in an object; a known one twice is
 * refused, as is what protojson refuses in a value.
 */
export class GoJson {
  constructor(
    private readonly registry: Registry,
    private readonly parts: { readonly violations: Violations; readonly duplicates: Duplicates },
  ) {}

  message(desc: DescMessage, value: Json, at: string): Json {
    if (isAny(desc)) return this.any(value, at);
    if (isFreeForm(desc)) return this.free(desc, value, at);
    const wrapped = isWrapperDesc(desc) ? desc.fields[0] : undefined;
    if (wrapped) return this.scalar(wrapped, value, at);
    if (isTextMessage(desc)) {
      const text = typeof value === 'string' ? wellKnownText(desc, value) : undefined;
      return text ?? this.refuse(at, `must be ${expectation({ message: desc } as DescField)}`);
    }
    return isObject(value) ? this.fields(desc, value, at) : this.refuse(at, 'must be an object');
  }

  /** The value of a field that is there and not null. */
  field(field: DescField | DescExtension, value: Json, at: string): Json {
    if (field.fieldKind === 'list') {
      if (!Array.isArray(value)) return this.refuse(at, 'must be a list');
      return value.flatMap((item, index) => {
        const single = this.single(field, item, `${at}[${index}]`);
        return single === NONE ? [] : [single];
      });
    }
    if (field.fieldKind === 'map') return this.map(field, value, at);
    const single = this.single(field, value, at);
    return single === NONE ? null : single;
  }

  private map(field: DescField & { fieldKind: 'map' }, value: Json, at: string): Json {
    if (!isObject(value)) return this.refuse(at, 'must be an object');
    const map: JsonObject = Object.create(null);
    const seen = new Set<string>();
    for (const [text, item] of Object.entries(value)) {
      const place = `${at}[${text}]`;
      const key = mapKey(field.mapKey, text);
      if (key === undefined) this.refuse(place, 'has a key that is none of its type');
      else if (seen.has(key) || this.parts.duplicates.has(value, text)) this.refuse(place, 'is given twice');
      else {
        seen.add(key);
        const single = this.single(field, item, place);
        if (single !== NONE) map[key] = single;
      }
    }
    return map;
  }

  private single(field: DescField | DescExtension, value: Json, at: string): Value {
    if (field.message) return this.message(field.message, value, at);
    if (!field.enum) return this.scalar(field, value, at);
    if (field.enum.typeName === 'google.protobuf.NullValue' && value === null) return null;
    if (typeof value === 'string') {
      const known = field.enum.values.find(({ name }) => name === value);
      return known ? known.number : NONE;
    }
    const number = typeof value === 'number' ? jsonScalar(ScalarType.INT32, value) : undefined;
    return number === undefined ? this.refuse(at, `must be ${expectation(field as DescField)}`) : Number(number);
  }

  private scalar(field: DescField | DescExtension, value: Json, at: string): Json {
    const scalar = jsonScalar(field.scalar, value);
    return scalar ?? this.refuse(at, `must be ${expectation(field as DescField)}`);
  }

  private fields(desc: DescMessage, value: JsonObject, at: string): JsonObject {
    const object: JsonObject = Object.create(null);
    const seen = new Set<string>();
    for (const [key, item] of Object.entries(value)) {
      const field = fieldNamed(desc, key) ?? this.extension(desc, key);
      if (!field) continue;
      const place = at === '' ? key : `${at}.${key}`;
      if (seen.has(field.jsonName) || this.parts.duplicates.has(value, key)) {
        this.refuse(place, 'is given twice');
      } else {
        seen.add(field.jsonName);
        if (item !== null || hasNull(field)) object[field.jsonName] = this.field(field, item, place);
      }
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
    if (!isObject(value)) return this.refuse(at, 'must be an object');
    const { '@type': url, ...rest } = value;
    // Without a type all of it is unknown.
    if (url === undefined) return {};
    if (typeof url !== 'string' || url === '' || this.parts.duplicates.has(value, '@type')) {
      return this.refuse(`${at}.@type`, 'must be the name of a type, once');
    }
    const desc = this.registry.getMessage(url.slice(url.lastIndexOf('/') + 1));
    if (!desc) return this.refuse(`${at}.@type`, 'names a type that is not known');
    if (!isTextMessage(desc) && !isFreeForm(desc) && !isAny(desc)) {
      return Object.assign(this.fields(desc, withDuplicates(rest, value, this.parts.duplicates), at), { '@type': url });
    }
    if (rest.value === undefined || this.parts.duplicates.has(value, 'value')) {
      return this.refuse(`${at}.value`, 'must be there, once');
    }
    return { '@type': url, value: this.message(desc, rest.value, `${at}.value`) };
  }

  /** Struct, Value and ListValue: any JSON, with each key once. */
  private free(desc: DescMessage, value: Json, at: string): Json {
    if (desc.typeName === 'google.protobuf.Struct' && !isObject(value)) return this.refuse(at, 'must be an object');
    if (desc.typeName === 'google.protobuf.ListValue' && !Array.isArray(value))
      return this.refuse(at, 'must be a list');
    return this.freeValue(value, at);
  }

  private freeValue(value: Json, at: string): Json {
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'number' && !Number.isFinite(value)) return this.refuse(at, 'is out of range');
    if (Array.isArray(value)) return value.map((item, index) => this.freeValue(item, `${at}[${index}]`));
    if (!isObject(value)) return value;
    const object: JsonObject = Object.create(null);
    for (const [key, item] of Object.entries(value)) {
      if (this.parts.duplicates.has(value, key)) this.refuse(`${at}.${key}`, 'is given twice');
      else object[key] = this.freeValue(item, `${at}.${key}`);
    }
    return object;
  }

  private refuse(at: string, description: string): null {
    this.parts.violations.invalid(at, description);
    return null;
  }
}

/** Fields for which `null` is a value. */
export function hasNull({ message, enum: enumeration, fieldKind }: DescField | DescExtension): boolean {
  if (fieldKind === 'map') return false;
  return message?.typeName === 'google.protobuf.Value' || enumeration?.typeName === 'google.protobuf.NullValue';
}

function withDuplicates(rest: JsonObject, whole: JsonObject, duplicates: Duplicates): JsonObject {
  for (const key of Object.keys(rest)) if (duplicates.has(whole, key)) duplicates.add(rest, key);
  return rest;
}

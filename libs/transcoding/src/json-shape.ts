import { type DescField, type DescMessage, type Registry, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence, isWrapperDesc } from '@bufbuild/protobuf/wkt';
import { shortestFloat32 } from './float32.js';
import type { JsonForm } from './json-form.js';
import { hasOwnJson, isAny } from './well-known.js';

type Record = { [key: string]: unknown };
type Change = (value: unknown) => unknown;
interface Step {
  readonly key: string;
  /** What becomes of the value; undefined: it is left out. */
  readonly change: Change;
  readonly nullWhenUnset: boolean;
}

/** Gives JSON that toJson of @bufbuild/protobuf wrote the form that an API asks for. */
export class JsonShape {
  private readonly plans = new Map<DescMessage, readonly Step[]>();

  constructor(
    private readonly form: JsonForm,
    private readonly registry: Registry,
  ) {}

  message(desc: DescMessage, json: unknown): unknown {
    if (isAny(desc)) return isRecord(json) ? this.any(json) : json;
    if (isWrapperDesc(desc)) return desc.fields[0]?.scalar === ScalarType.FLOAT ? shorten(json) : json;
    return hasOwnJson(desc) || !isRecord(json) ? json : this.fields(desc, json);
  }

  private any(json: Record): Record {
    const url = String(json['@type'] ?? '');
    const desc = this.registry.getMessage(url.slice(url.lastIndexOf('/') + 1));
    if (!desc) return json;
    if (!hasOwnJson(desc)) return this.fields(desc, json);
    json.value = this.message(desc, json.value);
    return json;
  }

  private fields(desc: DescMessage, json: Record): Record {
    const plan = this.planOf(desc);
    if (plan.some(({ key, nullWhenUnset }) => nullWhenUnset && !Object.hasOwn(json, key))) return withNulls(plan, json);
    for (const { key, change } of plan) {
      if (!Object.hasOwn(json, key)) continue;
      const value = change(json[key]);
      if (value === undefined) delete json[key];
      else setOwn(json, key, value);
    }
    return json;
  }

  private planOf(desc: DescMessage): readonly Step[] {
    const known = this.plans.get(desc);
    if (known) return known;
    const plan: Step[] = [];
    this.plans.set(desc, plan);
    const { names, unpopulated } = this.form;
    for (const field of desc.fields.toSorted((a, b) => a.number - b.number)) {
      const change = this.changeOf(field);
      // With nulls the object is made anew, and each field is needed for its place.
      if (!change && unpopulated !== 'all') continue;
      const nullWhenUnset = unpopulated === 'all' && isNullable(field);
      const key = names === 'proto' ? field.name : field.jsonName;
      plan.push({ key, change: change ?? ((value) => value), nullWhenUnset });
    }
    return plan;
  }

  private changeOf(field: DescField): Change | undefined {
    const single = this.changeOfSingle(field);
    if (!single) return undefined;
    if (field.fieldKind === 'list') return (items) => (Array.isArray(items) ? items.map(single) : items);
    if (field.fieldKind !== 'map') return single;
    return (map) => {
      if (isRecord(map)) for (const key of Object.keys(map)) setOwn(map, key, single(map[key]));
      return map;
    };
  }

  private changeOfSingle(field: DescField): Change | undefined {
    const { message } = field;
    if (message) return (value) => this.message(message, value);
    if (field.scalar === ScalarType.FLOAT) return shorten;
    if (field.fieldKind !== 'enum' || this.form.unpopulated !== 'without-presence') return undefined;
    const zero = unsetEnumValue(field);
    const unset = this.form.enums === 'numbers' ? zero?.number : zero?.jsonName;
    return zero && ((value) => (value === unset ? undefined : value));
  }
}

/** What toJson has to know of a form; JsonShape does the rest. */
export function optionsOf({ unpopulated, names, enums }: JsonForm, registry: Registry) {
  return {
    registry,
    alwaysEmitImplicit: unpopulated !== 'omitted',
    useProtoFieldName: names === 'proto',
    enumAsInteger: enums === 'numbers',
  };
}

/** The value `…_UNSPECIFIED` of a singular enum field. */
export function unsetEnumValue(field: DescField): { readonly number: number; readonly jsonName: string } | undefined {
  const zero = field.fieldKind === 'enum' ? field.enum.values[0] : undefined;
  return zero?.name.endsWith('UNSPECIFIED') ? field.enum?.value[zero.number] : undefined;
}

/** Whether the form `all` tells it as null when it is not set. */
export function isNullable(field: DescField): boolean {
  const isSingle = field.fieldKind === 'message' || field.fieldKind === 'scalar' || field.fieldKind === 'enum';
  // `optional` of proto3 makes a oneof of one field.
  if (!isSingle || field.oneof || field.proto.proto3Optional) return false;
  return field.presence !== FeatureSet_FieldPresence.IMPLICIT;
}

function withNulls(plan: readonly Step[], json: Record): Record {
  const whole: Record = {};
  for (const { key, change, nullWhenUnset } of plan) {
    if (Object.hasOwn(json, key)) setOwn(whole, key, change(json[key]));
    else if (nullWhenUnset) setOwn(whole, key, null);
  }
  for (const [key, value] of Object.entries(json)) if (!Object.hasOwn(whole, key)) setOwn(whole, key, value);
  return whole;
}

const shorten: Change = (value) => (typeof value === 'number' ? shortestFloat32(value) : value);

/** A field may be named `__proto__`. */
function setOwn(object: Record, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function isRecord(value: unknown): value is Record {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { DescField } from '@bufbuild/protobuf';
import type { FieldRules } from '#libs/contracts';
import type { Json, Schema } from './json.js';
import { hasLimits, type IntegerRange, patternOfRange, rangeOf } from './number-range.js';
import { rangeOf32Bits, rangeOf64Bits } from './scalars.js';

/**
 * An integer as ProtoJSON takes it in a body: as number or as decimal text, whichever it would be written in. The schema's
 * own form comes first. Of a double no range of texts can be told, so it stays a number here.
 */
export function integerForms(schema: Schema, field: DescField, rules: FieldRules['type'] | undefined): Schema {
  const all = rangeOf64Bits(field.scalar) ?? rangeOf32Bits(field.scalar);
  if (!all || schema.type === 'array' || schema.type === 'object') return schema;
  const range = rules?.value && hasLimits(rules.value) ? rangeOf(rules.value, all) : all;
  const forms = { ...schema, ...inBothForms(schema) };
  return schema.type === 'integer'
    ? { ...forms, type: ['integer', 'string'], pattern: patternOfRange(range) }
    : { ...forms, type: ['string', 'integer'], ...limits(range) };
}

/** An enum's value by its name, or by its number. */
export function enumForms(names: Schema): Schema {
  return { anyOf: [names, { type: 'integer', format: 'int32', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 }] };
}

/** `null` stands for a field that is absent. */
export function orNull(schema: Schema): Schema {
  const { description, deprecated, examples, ...value } = schema;
  return {
    ...(description !== undefined && { description }),
    ...(deprecated !== undefined && { deprecated }),
    ...valueOrNull(value),
    ...(examples !== undefined && { examples }),
  };
}

const NULL = { type: 'null' };

function valueOrNull(value: Schema): Schema {
  const { type, anyOf, ...more } = value;
  const types = Array.isArray(type) ? type : [type];
  if (types.includes('null') || Object.keys(value).length === 0) return value;
  if (Array.isArray(anyOf) && type === undefined && Object.keys(more).length === 0) return { anyOf: [...anyOf, NULL] };
  const isOpen =
    type !== undefined && !['enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'].some((key) => key in value);
  return isOpen ? { ...value, type: [...types, 'null'] } : { anyOf: [value, NULL] };
}

/** Those beyond 2^53 would be rounded by who reads them. */
function limits({ min, max }: IntegerRange): Schema {
  const isSafe = (limit: bigint) => Number.isSafeInteger(Number(limit));
  return {
    ...(isSafe(min) && { minimum: Number(min) }),
    ...(isSafe(max) && { maximum: Number(max) }),
  };
}

function inBothForms({ enum: some, not }: Schema): Schema {
  const excluded = typeof not === 'object' && not !== null && 'enum' in not ? not.enum : undefined;
  return {
    ...(Array.isArray(some) && { enum: twice(some) }),
    ...(Array.isArray(excluded) && { not: { enum: twice(excluded) } }),
  };
}

const twice = (values: readonly Json[]): Json[] => [...values.map(Number), ...values.map(String)];

import type { DescField } from '@bufbuild/protobuf';
import { getOption, hasOption } from '@bufbuild/protobuf';
import { type FieldRules, fieldRules, Ignore } from '#libs/contracts';
import { integerForms } from './body-forms.js';
import { isInBody, type Json, type Schema, type Use } from './json.js';
import { hasLimits, type IntegerRange, type NumberRules, patternOfRange, rangeOf } from './number-range.js';
import { rangeOf64Bits } from './scalars.js';
import { textKeywords } from './text-rules.js';

/** The `buf.validate` rules of a field; undefined where there are none or they are switched off. */
export function rulesOf(field: DescField): FieldRules | undefined {
  if (!hasOption(field, fieldRules)) return undefined;
  const rules = getOption(field, fieldRules);
  return rules.ignore === Ignore.ALWAYS ? undefined : rules;
}

/** Whether the rules of what the field holds are switched off, too. */
export function isUnchecked(field: DescField): boolean {
  return hasOption(field, fieldRules) && getOption(field, fieldRules).ignore === Ignore.ALWAYS;
}

/** One value of a field (of a list: one item) under its rules: {@link schema} with more keywords, in all forms of its use. */
export function underRules(schema: Schema, field: DescField, { rules, use }: Ruled): Schema {
  const keywords = rules ? keywordsOf(field, rules.type) : {};
  const ruled = { ...schema, ...keywords };
  const value = isInBody(use) ? integerForms(ruled, field, rules?.type) : ruled;
  if (rules?.ignore !== Ignore.IF_ZERO_VALUE || Object.keys(keywords).length === 0) return value;
  return { anyOf: [{ const: zeroOf(schema) }, value] };
}

export interface Ruled {
  readonly rules: FieldRules | undefined;
  readonly use: Use;
}

/** What rules in CEL say, for people: JSON Schema cannot. */
export function ruleTexts(rules: FieldRules | undefined): string[] {
  return (rules?.cel ?? []).map(({ message }) => message).filter((message) => message !== '');
}

/** The values that a rule gives as examples. */
export function exampleOf(rules: FieldRules | undefined): Json | undefined {
  const type = rules?.type;
  if (!type || type.case === undefined || !('example' in type.value)) return undefined;
  const [example]: readonly unknown[] = type.value.example;
  if (typeof example === 'bigint') return String(example);
  return typeof example === 'string' || typeof example === 'number' || typeof example === 'boolean'
    ? example
    : undefined;
}

function keywordsOf(field: DescField, type: FieldRules['type']): Schema {
  switch (type.case) {
    case undefined:
      return {};
    case 'string':
      return textKeywords(type.value);
    case 'enum': {
      const values = field.enum?.values ?? [];
      // By name or by number: where a number is no form of the value, none of them matches.
      const both = (numbers: readonly number[]) => [
        ...values.filter(({ number }) => numbers.includes(number)).map(({ name }) => name),
        ...numbers,
      ];
      const { const: only, in: some, notIn, definedOnly } = type.value;
      if (only !== 0) return { enum: both([only]) };
      if (some.length > 0) return { enum: both(some) };
      return {
        ...(definedOnly && { enum: both(values.map(({ number }) => number)) }),
        ...(notIn.length > 0 && { not: { enum: both(notIn) } }),
      };
    }
    case 'repeated': {
      const { minItems, maxItems, unique } = type.value;
      return { ...bounds(['minItems', minItems], ['maxItems', maxItems]), ...(unique && { uniqueItems: true }) };
    }
    case 'map':
      return bounds(['minProperties', type.value.minPairs], ['maxProperties', type.value.maxPairs]);
    default:
      return hasLimits(type.value) ? numberKeywords(field, type.value) : {};
  }
}

/** Those of the rules that are set: 0 is how protobuf-es tells an unset uint64 of proto2. */
function bounds(...entries: [string, bigint][]): Schema {
  return Object.fromEntries(entries.filter(([, value]) => value > 0n).map(([name, value]) => [name, Number(value)]));
}

function numberKeywords(field: DescField, rules: NumberRules): Schema {
  const whole = rangeOf64Bits(field.scalar);
  if (whole) return longKeywords(rules, whole);
  const { greaterThan, lessThan } = rules;
  const [low, high] = [Number(greaterThan.value), Number(lessThan.value)];
  // protovalidate: a lower limit above the upper one excludes what is between.
  if (greaterThan.case && lessThan.case && low >= high) return {};
  return {
    ...(greaterThan.case && { [greaterThan.case === 'gte' ? 'minimum' : 'exclusiveMinimum']: low }),
    ...(lessThan.case && { [lessThan.case === 'lte' ? 'maximum' : 'exclusiveMaximum']: high }),
    ...(rules.in && rules.in.length > 0 && { enum: rules.in.map(Number) }),
    ...(rules.notIn && rules.notIn.length > 0 && { not: { enum: rules.notIn.map(Number) } }),
  };
}

function longKeywords(rules: NumberRules, whole: IntegerRange): Schema {
  const texts = (values: readonly unknown[]) => values.map(String);
  const { in: some, notIn } = rules;
  if (some && some.length > 0) return { enum: texts(some) };
  const not = notIn && notIn.length > 0 ? { not: { enum: texts(notIn) } } : {};
  const { min, max } = rangeOf(rules, whole);
  if (min === whole.min && max === whole.max) return not;
  return { pattern: patternOfRange({ min, max }), ...not };
}

function zeroOf({ type }: Schema): Json {
  if (type === 'boolean') return false;
  return type === 'integer' || type === 'number' ? 0 : '';
}

import { type DescField, type DescMessage, getOption, hasOption, type Message, ScalarType } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { type FieldRules, FieldRulesSchema, fieldRules, Ignore, messageRules, oneofRules } from '#libs/contracts';
import { isImplicit } from './kinds.js';
import { type Check, numberCheck, type SetRules } from './rule-checks.js';
import { textCheck } from './text-rules.js';

/** What `buf.validate` asks of a field, as far as compiled code can be sure that it holds. */
export interface SureRules {
  /** Of each single value, as it stands on the wire; undefined: all are valid. */
  readonly check: Check | undefined;
  /** Without the field the message may be invalid. */
  readonly isNeeded: boolean;
  /** A zero that is not sent is valid whatever `check` says. */
  readonly mayBeZero: boolean;
  /** There are rules that only the library knows: with the field, or where `always` also without it. */
  readonly doubt: 'none' | 'when set' | 'always';
  /** How many items a list or map may have. */
  readonly items: { readonly least: number; readonly most: number } | undefined;
}

const FREE: SureRules = { check: undefined, isNeeded: false, mayBeZero: true, doubt: 'none', items: undefined };

/** Whether a message has rules as a whole, which only the library knows. */
export function hasMessageRules(message: DescMessage): boolean {
  return hasOption(message, messageRules);
}

/** The fields of which one must be set, for each oneof that asks for it. */
export function requiredOneofs(message: DescMessage): readonly (readonly DescField[])[] {
  return message.oneofs.filter((oneof) => getOption(oneof, oneofRules).required).map(({ fields }) => fields);
}

export function sureRules(field: DescField): SureRules {
  if (!hasOption(field, fieldRules)) return FREE;
  const rules = getOption(field, fieldRules);
  if (rules.ignore === Ignore.ALWAYS) return FREE;
  const unknown = rules.cel.length > 0 || rules.celExpression.length > 0 || hasUnknown(rules);
  if (field.fieldKind === 'list' || field.fieldKind === 'map') return ofMany(field, rules, unknown);
  if (field.fieldKind === 'message') {
    return { ...FREE, isNeeded: rules.required, doubt: unknown || rules.type.case !== undefined ? 'when set' : 'none' };
  }
  return ofValue(field, rules, unknown);
}

function ofValue(field: DescField, rules: FieldRules, unknown: boolean): SureRules {
  const implicit = isImplicit(field);
  const check = checkOf(field, rules);
  const mayBeZero = implicit && rules.ignore === Ignore.IF_ZERO_VALUE && !rules.required;
  const isDoubtful = unknown || check === 'doubtful';
  const sure = isDoubtful ? undefined : check;
  const zeroFails = implicit && !mayBeZero && sure !== undefined && !sure(ZEROS, 0, widthOfZero(field));
  return {
    check: rules.required && implicit ? both(notZero, sure) : sure,
    isNeeded: rules.required || zeroFails,
    mayBeZero,
    doubt: !isDoubtful ? 'none' : implicit && !mayBeZero ? 'always' : 'when set',
    items: undefined,
  };
}

function ofMany(field: DescField, rules: FieldRules, unknown: boolean): SureRules {
  const set = setRules(rules) ?? new Map<string, unknown>();
  const { items } = rules.type.case === 'repeated' ? rules.type.value : {};
  const check = items ? itemCheck(field, items) : undefined;
  const [least, most] = [set.get('min_items') ?? set.get('min_pairs'), set.get('max_items') ?? set.get('max_pairs')];
  const isKnown = [...set.keys()].every((name) => /^(min|max)_(items|pairs)$|^items$/.test(name));
  const isDoubtful = unknown || check === 'doubtful' || !isKnown;
  const mayBeEmpty = rules.ignore === Ignore.IF_ZERO_VALUE && !rules.required;
  return {
    check: check === 'doubtful' ? undefined : check,
    isNeeded: rules.required || (Number(least ?? 0) > 0 && !mayBeEmpty),
    mayBeZero: mayBeEmpty,
    doubt: !isDoubtful ? 'none' : mayBeEmpty ? 'when set' : 'always',
    items: {
      least: Math.max(Number(least ?? 0), rules.required ? 1 : 0),
      most: most === undefined ? Number.POSITIVE_INFINITY : Number(most),
    },
  };
}

function itemCheck(field: DescField, items: FieldRules): Check | undefined | 'doubtful' {
  const isPlain = items.cel.length + items.celExpression.length === 0 && !hasUnknown(items);
  if (!isPlain || field.message || items.ignore !== Ignore.UNSPECIFIED) return 'doubtful';
  return checkOf(field, items);
}

function checkOf(field: DescField, rules: FieldRules): Check | undefined | 'doubtful' {
  const { type } = rules;
  if (type.case === undefined) return undefined;
  const set = setRules(rules);
  if (!set || hasUnknown(type.value)) return 'doubtful';
  if (type.case === 'string') return textCheck(set);
  if (field.enum && type.case === 'enum') {
    return numberCheck(set, ScalarType.INT32, new Set(field.enum.values.map(({ number }) => number)));
  }
  return field.scalar === undefined ? 'doubtful' : numberCheck(set, field.scalar);
}

/** The rules that are there, by their names in the proto. */
function setRules({ type }: FieldRules): SetRules | undefined {
  const desc = FieldRulesSchema.fields.find(({ localName }) => localName === type.case)?.message;
  if (!desc || !type.value) return undefined;
  const message = reflect(desc, type.value);
  const set = desc.fields.filter((field) => message.isSet(field));
  return new Map(
    set.map((field) => [field.name, field.fieldKind === 'list' ? [...message.get(field)] : message.get(field)]),
  );
}

const ZEROS = Buffer.alloc(8);
const notZero: Check = (o, from, to) => {
  for (let i = from; i < to; i++) if (o[i] !== 0) return true;
  return false;
};
const both = (first: Check, second: Check | undefined): Check =>
  second ? (o, from, to) => first(o, from, to) && second(o, from, to) : first;

function widthOfZero({ scalar }: DescField): number {
  if (scalar === ScalarType.DOUBLE || scalar === ScalarType.FIXED64 || scalar === ScalarType.SFIXED64) return 8;
  return scalar === ScalarType.FLOAT || scalar === ScalarType.FIXED32 || scalar === ScalarType.SFIXED32 ? 4 : 1;
}

/** Predefined rules of somebody else are extensions. */
function hasUnknown(rules: Message): boolean {
  return (rules.$unknown?.length ?? 0) > 0;
}

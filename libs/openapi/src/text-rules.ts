import { isFieldSet } from '@bufbuild/protobuf';
import { type StringRules, StringRulesSchema } from '#libs/contracts';
import type { Schema } from './json.js';

const TUUID = '^[0-9A-Fa-f]{32}$';
const ULID = '^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$';

/** By the name of the rule. */
const WELL_KNOWN: Readonly<Record<string, Schema>> = {
  email: { format: 'email' },
  hostname: { format: 'hostname' },
  ip: { anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] },
  ipv4: { format: 'ipv4' },
  ipv6: { format: 'ipv6' },
  uri: { format: 'uri' },
  uriRef: { format: 'uri-reference' },
  uuid: { format: 'uuid' },
  tuuid: { pattern: TUUID },
  ulid: { pattern: ULID },
};

/** The rules of a string as keywords of JSON Schema. Both count characters (code points). */
export function textKeywords(rules: StringRules): Schema {
  const { wellKnown, len, minLen, maxLen, in: some, notIn } = rules;
  const isSet = (name: keyof typeof StringRulesSchema.field) => isFieldSet(rules, StringRulesSchema.field[name]);
  const [shortest, longest] = isSet('len') ? [len, len] : [minLen, maxLen];
  const patterns = patternsOf(rules);
  const [pattern] = patterns;
  return {
    ...(isSet('const') && { const: rules.const }),
    ...(shortest > 0n && { minLength: Number(shortest) }),
    ...((isSet('len') || isSet('maxLen')) && { maxLength: Number(longest) }),
    ...(wellKnown.case && wellKnown.value && WELL_KNOWN[wellKnown.case]),
    ...(some.length > 0 && { enum: some }),
    ...(notIn.length > 0 && { not: { enum: notIn } }),
    ...(pattern !== undefined && { pattern }),
    ...(patterns.length > 1 && { allOf: patterns.slice(1).map((other) => ({ pattern: other })) }),
  };
}

function patternsOf({ pattern, prefix, suffix, contains }: StringRules): string[] {
  return [
    ...(pattern !== '' && isPortable(pattern) ? [pattern] : []),
    ...(prefix === '' ? [] : [`^${literal(prefix)}`]),
    ...(suffix === '' ? [] : [`${literal(suffix)}$`]),
    ...(contains === '' ? [] : [literal(contains)]),
  ];
}

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Rules are written for RE2, JSON Schema's for ECMAScript: what only RE2 knows is left to the server. */
function isPortable(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').source !== '';
  } catch {
    return false;
  }
}

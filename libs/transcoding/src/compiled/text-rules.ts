import type { Check, SetRules } from './rule-checks.js';
import { cursor, varint32 } from './wire.js';

// protovalidate runs patterns in time linear to the text; RegExp does not promise that for a long one.
const LONGEST_MATCHED = 1_024;
const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
const TUUID = /^[0-9a-fA-F]{32}$/;

/** A test of the `bytes` of a text from `from` to `to`. */
type Test = Check;

/** For strings: lengths in code points or bytes, patterns of the simple kind, parts, lists, UUIDs. */
export function textCheck(set: SetRules): Check | 'doubtful' | undefined {
  const tests: Test[] = [];
  for (const [name, rule] of set) {
    const test = testOf(name, rule);
    if (test === 'doubtful') return test;
    if (test) tests.push(test);
  }
  if (tests.length === 0) return undefined;
  return (o, from, to) => {
    varint32(o, from);
    const start = cursor.at;
    return tests.every((test) => test(o, start, to));
  };
}

function testOf(name: string, rule: unknown): Test | 'doubtful' | undefined {
  if (typeof rule === 'bigint') return lengthTest(name, Number(rule));
  if (typeof rule === 'boolean') return flagTest(name, rule);
  if (Array.isArray(rule)) {
    const values = new Set(rule);
    if (name === 'example') return undefined;
    return name === 'in' || name === 'not_in' ? matching((text) => values.has(text) === (name === 'in')) : 'doubtful';
  }
  return typeof rule === 'string' ? partTest(name, rule) : 'doubtful';
}

function lengthTest(name: string, limit: number): Test | 'doubtful' {
  switch (name) {
    case 'len':
      return (o, from, to) => characters(o, from, to) === limit;
    case 'min_len':
      return (o, from, to) => characters(o, from, to) >= limit;
    case 'max_len':
      return (o, from, to) => to - from <= limit || characters(o, from, to) <= limit;
    case 'len_bytes':
      return (_, from, to) => to - from === limit;
    case 'min_bytes':
      return (_, from, to) => to - from >= limit;
    case 'max_bytes':
      return (_, from, to) => to - from <= limit;
    default:
      return 'doubtful';
  }
}

/** Code points: all bytes but those that continue a character. */
function characters(o: Buffer, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (((o[i] ?? 0) & 0xc0) !== 0x80) count++;
  return count;
}

function flagTest(name: string, isOn: boolean): Test | 'doubtful' | undefined {
  if (!isOn) return name === 'strict' ? 'doubtful' : undefined;
  if (name === 'uuid') return matching((text) => UUID.test(text));
  return name === 'tuuid' ? matching((text) => TUUID.test(text)) : 'doubtful';
}

function partTest(name: string, part: string): Test | 'doubtful' {
  switch (name) {
    case 'const':
      return matching((text) => text === part);
    case 'prefix':
      return matching((text) => text.startsWith(part));
    case 'suffix':
      return matching((text) => text.endsWith(part));
    case 'contains':
      return matching((text) => text.includes(part));
    case 'not_contains':
      return matching((text) => !text.includes(part));
    case 'pattern':
      return patternTest(part);
    default:
      return 'doubtful';
  }
}

const matching =
  (test: (text: string) => boolean): Test =>
  (o, from, to) =>
    test(o.toString('utf8', from, to));

/**
 * RE2, which protovalidate matches with, and RegExp agree on classes of plain characters, anchors and simple repetition; what
 * else a pattern may have is left to the library, and so is what could take RegExp long.
 */
function patternTest(pattern: string): Test | 'doubtful' {
  const isPlain =
    /^\^?(?:\[\^?(?:[\w .:/@,%+=~!#&-]|\\[.\w-])+\]|[\w :/@,%=~!#&-]|\\[./+*?()[\]{}|$^-]|[*+?]|\{\d{1,3}(?:,\d{0,3})?\})*\$?$/.test(
      pattern,
    );
  const repetitions = pattern.match(/[*+?]|\{/g)?.length ?? 0;
  const special = /\\[A-Zbcefg-su-z]|\[\^|[*+?}][+?*{]/.test(pattern.replaceAll(/\\[dw]/g, ''));
  if (!isPlain || repetitions > 2 || special) return 'doubtful';
  try {
    const compiled = new RegExp(pattern);
    return (o, from, to) => to - from <= LONGEST_MATCHED && compiled.test(o.toString('utf8', from, to));
  } catch {
    return 'doubtful';
  }
}

/** What a range of 64-bit integers ends at when no rule says more. */
export interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
}

interface Limit {
  readonly case?: string | undefined;
  readonly value?: unknown;
}

/** The rules of any type of number. */
export interface NumberRules {
  readonly greaterThan: Limit;
  readonly lessThan: Limit;
  readonly in?: readonly unknown[];
  readonly notIn?: readonly unknown[];
}

export function hasLimits(rules: object): rules is NumberRules {
  return 'greaterThan' in rules && 'lessThan' in rules;
}

/**
 * The integers that rules leave of `all`. A lower limit above the upper one excludes what is between (protovalidate), which
 * is no range: then all of them.
 */
export function rangeOf({ greaterThan, lessThan }: NumberRules, all: IntegerRange): IntegerRange {
  const min = greaterThan.case ? whole(greaterThan.value) + (greaterThan.case === 'gt' ? 1n : 0n) : all.min;
  const max = lessThan.case ? whole(lessThan.value) - (lessThan.case === 'lt' ? 1n : 0n) : all.max;
  return min > max ? all : { min, max };
}

const whole = (limit: unknown): bigint =>
  typeof limit === 'bigint' ? limit : BigInt(typeof limit === 'number' ? Math.trunc(limit) : 0);

/**
 * A regular expression for the decimal texts of the integers from `min` to `max`: JSON Schema has no `minimum` for numbers
 * that are written as strings.
 */
export function patternOfRange({ min, max }: IntegerRange): string {
  const parts: string[] = [];
  if (min < 0n) parts.push(...naturals({ min: max < 0n ? -max : 1n, max: -min }).map((part) => `-${part}`));
  if (max >= 0n) parts.push(...naturals({ min: min > 0n ? min : 0n, max }));
  return `^(${parts.join('|')})$`;
}

/** Alternatives for natural numbers: those of fewer digits, then digit by digit. */
function naturals({ min, max }: IntegerRange): string[] {
  if (min === 0n) return max === 0n ? ['0'] : ['0', ...naturals({ min: 1n, max })];
  const digits = String(max).length;
  const smallest = 10n ** BigInt(digits - 1);
  if (min >= smallest) return sameLength(String(min), String(max));
  const below = smallest - 1n;
  const isWholeDecade = min === 10n ** BigInt(String(min).length - 1);
  const shorter = isWholeDecade ? [anyOfLength(String(min).length, digits - 1)] : naturals({ min, max: below });
  return [...shorter, ...sameLength(String(smallest), String(max))];
}

function anyOfLength(from: number, to: number): string {
  return `[1-9]${digitsTimes(from - 1, to - 1)}`;
}

function digitsTimes(from: number, to: number): string {
  if (to === 0) return '';
  if (from === to) return to === 1 ? '[0-9]' : `[0-9]{${to}}`;
  return `[0-9]{${from},${to}}`;
}

/** Alternatives for the numbers from `min` to `max`, which have as many digits. */
function sameLength(min: string, max: string): string[] {
  if (min === max) return [min];
  const [first, last] = [Number(min[0]), Number(max[0])];
  const rest = min.length - 1;
  if (rest === 0) return [digit(first, last)];
  if (first === last) return sameLength(min.slice(1), max.slice(1)).map((tail) => `${first}${tail}`);
  const lowIsWhole = /^0*$/.test(min.slice(1));
  const highIsWhole = /^9*$/.test(max.slice(1));
  const [from, to] = [lowIsWhole ? first : first + 1, highIsWhole ? last : last - 1];
  return [
    ...(lowIsWhole ? [] : sameLength(min.slice(1), '9'.repeat(rest)).map((tail) => `${first}${tail}`)),
    ...(from <= to ? [`${digit(from, to)}${digitsTimes(rest, rest)}`] : []),
    ...(highIsWhole ? [] : sameLength('0'.repeat(rest), max.slice(1)).map((tail) => `${last}${tail}`)),
  ];
}

function digit(from: number, to: number): string {
  return from === to ? String(from) : `[${from}-${to}]`;
}

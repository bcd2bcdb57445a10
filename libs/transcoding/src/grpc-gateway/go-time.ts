/* Points and spans of time as Go's time package and protojson read them. Each gives undefined for what they refuse. */

export interface Seconds {
  readonly seconds: bigint;
  readonly nanos: number;
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

/** time.Parse of RFC 3339: the hour may have one digit, the fraction a comma; of the fraction nine digits count. */
export function goTime(text: string): Seconds | undefined {
  const parts = TIME.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const [offsetHours, offsetMinutes] = [Number(parts[9] ?? 0), Number(parts[10] ?? 0)];
  if (offsetHours > 24 || offsetMinutes > 60) return undefined;
  const offset = (offsetHours * 3_600 + offsetMinutes * 60) * (parts[8] === '-' ? -1 : 1);
  const seconds = date.getTime() / 1_000 + hour * 3_600 + minute * 60 + second - offset;
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return undefined;
  return { seconds: BigInt(seconds), nanos: nanosOf(parts[7]) };
}

/** What protojson makes of a timestamp: as {@link goTime}, with no more than nine digits after the point. */
export function jsonTime(text: string): Seconds | undefined {
  return /\.\d{10}/.test(text) ? undefined : goTime(text);
}

const NANOS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // micro sign
  μs: 1_000n, // Greek letter mu
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const BILLION = 1_000_000_000n;
const MOST_NANOS = 2n ** 63n;

/** time.ParseDuration: `1h2m3.5s`, `300ms`, `-1.5h`, and `0` without a unit. */
export function goDuration(text: string): Seconds | undefined {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return { seconds: 0n, nanos: 0 };
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let sum = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const nanos = NANOS[unit] ?? 0n;
    // Digits beyond those that a double holds count for nothing there either.
    const digits = fraction.slice(0, 18);
    sum += BigInt(whole || '0') * nanos + (BigInt(digits || '0') * nanos) / 10n ** BigInt(digits.length);
  }
  if (sum > MOST_NANOS || (sum === MOST_NANOS && sign !== '-')) return undefined;
  const nanos = sign === '-' ? -sum : sum;
  return { seconds: nanos / BILLION, nanos: Number(nanos % BILLION) };
}

const LONGEST = 315_576_000_000n;

/** What protojson makes of a duration: seconds, with a sign and with nothing before or behind the point if one likes. */
export function jsonDuration(text: string): Seconds | undefined {
  const [all, sign, whole = '', fraction] = /^([+-]?)(0|[1-9]\d*)?(?:\.(\d{0,9}))?s$/.exec(text) ?? [];
  if (all === undefined || (whole === '' && fraction === undefined)) return undefined;
  const seconds = BigInt(whole || '0');
  if (seconds > LONGEST) return undefined;
  const nanos = nanosOf(fraction);
  return sign === '-' ? { seconds: -seconds, nanos: nanos === 0 ? 0 : -nanos } : { seconds, nanos };
}

function nanosOf(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 9).padEnd(9, '0'));
}

import { giveUp } from './give-up.js';
import { cursor, lengthEnd, varint32, varint64 } from './wire.js';
import { natural, text, type Writer } from './write-json.js';

/*
 * google.protobuf.Timestamp and Duration as JSON, within the bounds that protobuf's JSON mapping sets; what lies outside is
 * left to the reflective way, which refuses it.
 */
const QUOTE = 34;
const [FIRST_SECOND, LAST_SECOND] = [-62_135_596_800, 253_402_300_799];
const LONGEST_DURATION = 315_576_000_000;

const span = { seconds: 0, nanos: 0 };

/** Seconds and nanoseconds, as both messages have them. Gives where the message ends. */
function readSpan(b: Buffer, p: number): number {
  const end = lengthEnd(b, p);
  p = cursor.at;
  span.seconds = 0;
  span.nanos = 0;
  if (p < end && b[p] === 8) {
    const low = varint64(b, p + 1);
    span.seconds = cursor.high * 0x100000000 + (low >>> 0);
    p = cursor.at;
  }
  if (p < end && b[p] === 16) {
    span.nanos = varint32(b, p + 1);
    p = cursor.at;
  }
  return p === end ? end : giveUp();
}

export const timestamp: Writer = (b, p, o, w) => {
  const end = readSpan(b, p);
  const { seconds, nanos } = span;
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND || nanos < 0 || nanos > 999_999_999) giveUp();
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  o[w++] = QUOTE;
  w = date(days, o, w);
  o[w++] = 84;
  w = two((rest / 3600) | 0, o, w);
  o[w++] = 58;
  w = two(((rest / 60) | 0) % 60, o, w);
  o[w++] = 58;
  w = fraction(nanos, o, two(rest % 60, o, w));
  o[w] = 90;
  o[w + 1] = QUOTE;
  cursor.at = end;
  return w + 2;
};

export const duration: Writer = (b, p, o, w) => {
  const end = readSpan(b, p);
  const { seconds, nanos } = span;
  if (Math.abs(seconds) > LONGEST_DURATION || Math.abs(nanos) > 999_999_999) giveUp();
  if ((seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) giveUp();
  o[w++] = QUOTE;
  if (seconds < 0 || nanos < 0) o[w++] = 45;
  const whole = Math.abs(seconds);
  w = whole <= 0x7fffffff ? natural(whole, o, w) : text(String(whole), o, w);
  w = fraction(Math.abs(nanos), o, w);
  o[w] = 115;
  o[w + 1] = QUOTE;
  cursor.at = end;
  return w + 2;
};

function two(n: number, o: Buffer, w: number): number {
  o[w] = 48 + ((n / 10) | 0);
  o[w + 1] = 48 + (n % 10);
  return w + 2;
}

/** With 3, 6 or 9 digits, or none. */
function fraction(nanos: number, o: Buffer, w: number): number {
  if (nanos === 0) return w;
  const digits = nanos % 1_000_000 === 0 ? 3 : nanos % 1_000 === 0 ? 6 : 9;
  let n = nanos / 10 ** (9 - digits);
  o[w] = 46;
  for (let i = w + digits; i > w; i--) {
    o[i] = 48 + (n % 10);
    n = (n / 10) | 0;
  }
  return w + digits + 1;
}

/**
 * Days since 1970 in the Gregorian calendar; years begin in March, so that a leap day is a year's last (Howard Hinnant,
 * chrono-Compatible Low-Level Date Algorithms, civil_from_days).
 */
function date(days: number, o: Buffer, w: number): number {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const year = ((ofEra - ((ofEra / 1_460) | 0) + ((ofEra / 36_524) | 0) - ((ofEra / 146_096) | 0)) / 365) | 0;
  const ofYear = ofEra - (365 * year + ((year / 4) | 0) - ((year / 100) | 0));
  const fromMarch = ((5 * ofYear + 2) / 153) | 0;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const full = year + era * 400 + (month <= 2 ? 1 : 0);
  w = two((full / 100) | 0, o, w);
  w = two(full % 100, o, w);
  o[w] = 45;
  w = two(month, o, w + 1);
  o[w] = 45;
  return two(ofYear - (((153 * fromMarch + 2) / 5) | 0) + 1, o, w + 1);
}

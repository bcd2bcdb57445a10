import { giveUp } from './give-up.js';
import { plainText, type Reader } from './read-json.js';
import { exact, measured } from './write-wire.js';

/* google.protobuf.Timestamp and Duration from JSON, in the spelling that protobuf itself writes. */
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;
const DURATION = /^(0|[1-9]\d{0,11})(?:\.(\d{1,9}))?s$/;
const LONGEST_DURATION = 315_576_000_000;

export const timestamp: Reader = (b, p, o, w) => {
  const parts = TIMESTAMP.exec(plainText(b, p)) ?? giveUp();
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A day that its month does not have has become one of the next month.
  if (year < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) giveUp();
  if (hour > 23 || minute > 59 || second > 59) giveUp();
  return span(date.getTime() / 1_000 + hour * 3_600 + minute * 60 + second, parts[7], o, w);
};

export const duration: Reader = (b, p, o, w) => {
  const parts = DURATION.exec(plainText(b, p)) ?? giveUp();
  const seconds = Number(parts[1]);
  return seconds > LONGEST_DURATION ? giveUp() : span(seconds, parts[2], o, w);
};

function span(seconds: number, fraction: string | undefined, o: Buffer, w: number): number {
  const at = w++;
  const nanos = fraction === undefined ? 0 : Number(fraction.padEnd(9, '0'));
  if (seconds !== 0) {
    o[w] = 8;
    w = exact(seconds, o, w + 1);
  }
  if (nanos !== 0) {
    o[w] = 16;
    w = exact(nanos, o, w + 1);
  }
  return measured(at, o, w);
}

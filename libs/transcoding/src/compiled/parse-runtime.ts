import { giveUp } from './give-up.js';
import { SCALAR_READERS, space } from './read-json.js';
import { MapKeys } from './read-map-keys.js';
import { duration, timestamp } from './read-time.js';
import { Segments } from './segments.js';
import { cursor } from './wire.js';
import { measured } from './write-wire.js';

/** Reads the object at `p` of `b`, writes from `w` of `o`, at a depth; gives the new `w`. */
export type Parser = (b: Buffer, p: number, o: Buffer, w: number, d: number) => number;

/** The fields that are being written. Requests are read one after the other: there is one of each. */
export const segments = new Segments();

/** Whether something was read that may break a rule. */
export const doubt = { any: false };

/** Whether the name at `p` is this one. */
function same(b: Buffer, p: number, length: number, name: Buffer): boolean {
  if (length !== name.length) return false;
  for (let i = 0; i < length; i++) if (b[p + i] !== name[i]) return false;
  return true;
}

/** Whether all of these bytes are zero. */
export function zeros(o: Buffer, at: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (o[at + i] !== 0) return false;
  return true;
}

/** What the programs of ParseSource may call. */
export const PARSE_RUNTIME = {
  giveUp,
  cursor,
  same,
  zeros,
  space,
  measured,
  timestamp,
  duration,
  doubt,
  MapKeys,
  S: segments,
  R: SCALAR_READERS,
} as const;

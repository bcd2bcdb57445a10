import { type DescEnum, type DescMessage, fromBinary, type Registry, toJson } from '@bufbuild/protobuf';
import type { JsonForm } from '../json-form.js';
import { JsonShape, optionsOf } from '../json-shape.js';
import { giveUp } from './give-up.js';
import { copy } from './put.js';
import { KEY_READERS } from './read-keys.js';
import { cursor, lengthEnd, longTag, skip, skipValue, varint32, varint64 } from './wire.js';
import * as values from './write-json.js';
import { duration, timestamp } from './write-time.js';

/** Reads from `p` to `e` of `b`, writes from `w` of `o`, at a depth. */
export type MessageWriter = (b: Buffer, p: number, e: number, o: Buffer, w: number, d: number) => number;

/** Ends a list or object: in place of the comma after its last item. */
function close(o: Buffer, w: number, end: number): number {
  if (o[w - 1] !== 44) return w + copyByte(o, w, end);
  o[w - 1] = end;
  return w;
}

function copyByte(o: Buffer, w: number, byte: number): 1 {
  o[w] = byte;
  return 1;
}

function isZero(b: Buffer, p: number): boolean {
  return varint32(b, p) === 0;
}

function isZeroLong(b: Buffer, p: number): boolean {
  return varint64(b, p) === 0 && cursor.high === 0;
}

function isZero32(b: Buffer, p: number): boolean {
  cursor.at = p + 4;
  return b.readInt32LE(p) === 0;
}

function isZero64(b: Buffer, p: number): boolean {
  cursor.at = p + 8;
  return b.readInt32LE(p) === 0 && b.readInt32LE(p + 4) === 0;
}

/** What the programs of JsonSource may call. */
export const JSON_RUNTIME = {
  giveUp,
  cursor,
  lengthEnd,
  longTag,
  skip,
  skipValue,
  copy,
  close,
  isZero,
  isZeroLong,
  isZero32,
  isZero64,
  timestamp,
  duration,
  KEYS: KEY_READERS,
  ...values,
} as const;

/** Values by their names; those without one as numbers. */
export function enumWriter(desc: DescEnum): values.Writer {
  const names = new Map(
    Object.entries(desc.value).map(([number, { jsonName }]) => [Number(number), Buffer.from(JSON.stringify(jsonName))]),
  );
  const small = Array.from({ length: 64 }, (_, number) => names.get(number));
  return (b, p, o, w) => {
    const number = varint32(b, p);
    const name = number >= 0 && number < 64 ? small[number] : names.get(number);
    return name ? copy(name, o, w) : values.whole(number, o, w);
  };
}

/** Messages whose JSON is their own and not worth a program: Any, Struct, Value, ListValue, FieldMask. */
export function foreignWriter(desc: DescMessage, form: JsonForm, registry: Registry): MessageWriter {
  const shape = new JsonShape(form, registry);
  const options = optionsOf(form, registry);
  return (b, p, e, o, w, d) => {
    const message = fromBinary(desc, b.subarray(p, e), { recursionLimit: 100 - d });
    return values.json(JSON.stringify(shape.message(desc, toJson(desc, message, options))), o, w);
  };
}

import { type DescField, ScalarType } from '@bufbuild/protobuf';
import type { FieldPath } from '../field-path.js';
import { giveUp } from './give-up.js';
import { isImplicit, tagOf } from './kinds.js';
import { KEY_READERS } from './read-keys.js';
import { cursor, lengthEnd, longTag, skipValue, varint32 } from './wire.js';

/**
 * A scalar or enum field of a message as text, as readText gives it, without reading the rest. Undefined where that is not
 * simple: a field that is there twice, one whose type is seldom asked for.
 */
export function textOnWire(bytes: Uint8Array, path: FieldPath): string | undefined {
  const b = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return textIn(b, path);
  } catch {
    return undefined;
  }
}

function textIn(b: Buffer, path: FieldPath): string {
  let [from, to] = [0, b.length];
  for (const field of path.slice(0, -1)) {
    const at = find(b, from, to, field);
    // Without it, the field asked for is unset too.
    if (at < 0) [from, to] = [0, 0];
    else [to, from] = [lengthEnd(b, at), cursor.at];
  }
  const field = path[path.length - 1] ?? path[0];
  const at = find(b, from, to, field);
  if (field.fieldKind === 'enum') return enumText(field.enum.value, at < 0 ? 0 : varint32(b, at));
  const read = KEY_READERS[field.scalar ?? giveUp()] ?? giveUp();
  return at < 0 ? unset(field) : read(b, at);
}

/** Where the value of a field begins; -1: nowhere. */
function find(b: Buffer, from: number, to: number, field: DescField): number {
  const tag = tagOf(field);
  let found = -1;
  for (let p = from; p < to; ) {
    const current = longTag(b, p);
    if (current >>> 3 === field.number) found = found < 0 && current === tag ? cursor.at : giveUp();
    p = skipValue(b, cursor.at, current & 7);
    if (p > to) giveUp();
  }
  return found;
}

function enumText(values: Readonly<Record<number, { readonly name: string }>>, number: number): string {
  return values[number]?.name ?? String(number);
}

function unset(field: DescField): string {
  if (!isImplicit(field)) giveUp();
  if (field.scalar === ScalarType.STRING) return '';
  return field.scalar === ScalarType.BOOL ? 'false' : '0';
}

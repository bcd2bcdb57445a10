import { type DescField, ScalarType } from '@bufbuild/protobuf';
import { giveUp } from './give-up.js';
import { isImplicit, tagOf, wireTypeOf } from './kinds.js';
import { doubt, zeros } from './parse-runtime.js';
import { enumReader, lengthAndText, type Reader, SCALAR_READERS } from './read-json.js';
import { sureRules } from './rules.js';
import { cursor } from './wire.js';
import { varint } from './write-wire.js';

/** Writes a field, with its tag, from a text of the path or the query; gives the new `w`, which is the old one for a zero. */
export type TextWriter = (text: string, o: Buffer, w: number) => number;

const NUMBERS = new Set(Object.values(ScalarType).filter((type) => typeof type === 'number'));
for (const other of [ScalarType.STRING, ScalarType.BYTES, ScalarType.DOUBLE, ScalarType.FLOAT]) NUMBERS.delete(other);

/**
 * For scalars and enums, and lists of them that are not packed: whole numbers, bools, strings and names of enums. Undefined
 * for what a path or query seldom has.
 */
export function textWriter(field: DescField): TextWriter | undefined {
  const write = valueWriter(field);
  if (!write || field.fieldKind === 'map' || (field.fieldKind === 'list' && field.packed)) return undefined;
  const rules = sureRules(field);
  const width = { 1: 8, 5: 4 }[wireTypeOf(field)] ?? 1;
  const dropsZero = isImplicit(field) && field.fieldKind !== 'list';
  const isDoubtful = rules.doubt !== 'none' || rules.items !== undefined;
  return (text, o, w) => {
    const start = varint(tagOf(field), 0, o, w);
    const end = write(text, o, start);
    const isZero = dropsZero && zeros(o, start, width);
    const isFree = isZero && rules.mayBeZero;
    if (isDoubtful || (!isFree && rules.check?.(o, start, end) === false)) doubt.any = true;
    return isZero ? w : end;
  };
}

function valueWriter({ scalar, enum: enumeration, message }: DescField): TextWriter | undefined {
  if (message) return undefined;
  if (scalar === ScalarType.STRING) return lengthAndText;
  if (enumeration) return byReader(enumReader(enumeration), (text) => (/^-?\d/.test(text) ? text : `"${text}"`));
  return scalar !== undefined && NUMBERS.has(scalar) ? byReader(SCALAR_READERS[scalar], (text) => text) : undefined;
}

/** The text as JSON, read as in a body. */
function byReader(read: Reader, toJson: (text: string) => string): TextWriter {
  return (text, o, w) => {
    const json = Buffer.from(toJson(text));
    const end = read(json, 0, o, w);
    return cursor.at === json.length ? end : giveUp();
  };
}

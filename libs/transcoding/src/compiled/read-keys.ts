import { ScalarType } from '@bufbuild/protobuf';
import { giveUp } from './give-up.js';
import { cursor, lengthEnd } from './wire.js';
import * as values from './write-json.js';

/** Reads the key of a map's entry as the text that it is in JSON, and leaves in `cursor.at` where it ends. */
export type KeyReader = (b: Buffer, p: number) => string;

const scratch = Buffer.alloc(32);

/** The text that a writer of JSON writes, without quotes. */
const byWriter =
  (write: values.Writer): KeyReader =>
  (b, p) => {
    const w = write(b, p, scratch, 0);
    return scratch[0] === 34 ? scratch.toString('latin1', 1, w - 1) : scratch.toString('latin1', 0, w);
  };

const string: KeyReader = (b, p) => {
  const end = lengthEnd(b, p);
  const text = b.toString('utf8', cursor.at, end);
  // What is no UTF-8 was replaced by this character.
  if (text.includes('\ufffd')) giveUp();
  cursor.at = end;
  return text;
};

export const KEY_READERS: Readonly<Partial<Record<ScalarType, KeyReader>>> = {
  [ScalarType.STRING]: string,
  [ScalarType.BOOL]: byWriter(values.bool),
  [ScalarType.INT32]: byWriter(values.int32),
  [ScalarType.UINT32]: byWriter(values.uint32),
  [ScalarType.SINT32]: byWriter(values.sint32),
  [ScalarType.FIXED32]: byWriter(values.fixed32),
  [ScalarType.SFIXED32]: byWriter(values.sfixed32),
  [ScalarType.INT64]: byWriter(values.int64),
  [ScalarType.UINT64]: byWriter(values.uint64),
  [ScalarType.SINT64]: byWriter(values.sint64),
  [ScalarType.FIXED64]: byWriter(values.unsignedFixed64),
  [ScalarType.SFIXED64]: byWriter(values.sfixed64),
};

import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { spellings } from './texts.js';

/** How wild JSON may be: `valid` is what every parser of ProtoJSON takes. */
export type Manner = 'valid' | 'wild';

const MOST_DEPTH = 3;
const JUNK = ['null', '[]', '{}', '1', '"x"', 'true', '[null]', '{"x":1}', '1.5', '-1', '""'];
const ANYS = [
  '{}',
  '{"@type":"type.googleapis.com/check.v1.Leaf","name":"a","size":3}',
  '{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.5s"}',
  '{"@type":"type.googleapis.com/google.protobuf.Int64Value","value":"5"}',
];
const STRANGE_ANYS = [
  '{"name":"a"}',
  '{"@type":""}',
  '{"@type":1}',
  '{"@type":"type.googleapis.com/check.v1.Nobody"}',
  '{"@type":"type.googleapis.com/check.v1.Leaf","nobody":1,"nobody":2}',
  '{"@type":"type.googleapis.com/google.protobuf.Duration"}',
  '{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s","more":1}',
  '{"@type":"check.v1.Leaf","name":"a","name":"b"}',
];

/** The text of a JSON object for a message. */
export function jsonObject(desc: DescMessage, manner: Manner, depth = 0): fc.Arbitrary<string> {
  const known = fc
    .subarray([...desc.fields], { maxLength: Math.min(desc.fields.length, depth === 0 ? 6 : 3) })
    .chain((fields) => {
      const chosen = manner === 'valid' ? withoutRivals(fields) : fields;
      return fc.tuple(...chosen.map((field) => member(field, manner, depth)));
    });
  if (manner === 'valid') return known.map((members) => `{${members.join(',')}}`);
  const odd = fc.oneof(
    { arbitrary: fc.constant<string[]>([]), weight: 12 },
    {
      arbitrary: fc.constantFrom(
        ['"nobody":1'],
        ['"nobody":{"a":1,"a":2}', '"nobody":[1]'],
        ['"text":"again"'],
        ['"":1'],
      ),
      weight: 1,
    },
    {
      arbitrary: fc.constantFrom(['"maybe_text":"a","maybeText":"b"'], ['"[check.v1.none]":1'], ['"@type":"x"']),
      weight: 1,
    },
  );
  return fc.tuple(known, odd).map(([members, more]) => `{${[...members, ...more].join(',')}}`);
}

/** Of a oneof one field alone. */
function withoutRivals(fields: readonly DescField[]): DescField[] {
  return fields.filter(({ oneof }, index) => !oneof || fields.findIndex((other) => other.oneof === oneof) === index);
}

function member(field: DescField, manner: Manner, depth: number): fc.Arbitrary<string> {
  const names = manner === 'valid' ? [field.jsonName] : [field.jsonName, field.jsonName, field.name];
  const value = jsonField(field, manner, depth);
  return fc.tuple(fc.constantFrom(...names), value).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
}

/** The text of a field's value. */
export function jsonField(field: DescField, manner: Manner, depth = 0): fc.Arbitrary<string> {
  const value = jsonOf(field, manner, depth);
  return manner === 'valid'
    ? value
    : fc.oneof({ arbitrary: value, weight: 14 }, { arbitrary: fc.constantFrom(...JUNK), weight: 1 });
}

function jsonOf(field: DescField, manner: Manner, depth: number): fc.Arbitrary<string> {
  if (field.fieldKind === 'list') {
    return fc.array(single(field, manner, depth), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`);
  }
  if (field.fieldKind === 'map') {
    const entry = fc.tuple(fc.constantFrom(...keys(field, manner)), single(field, manner, depth));
    const selector = manner === 'valid' ? ([key]: [string, string]) => key : undefined;
    const entries = selector ? fc.uniqueArray(entry, { maxLength: 3, selector }) : fc.array(entry, { maxLength: 3 });
    return entries.map((all) => `{${all.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`);
  }
  return single(field, manner, depth);
}

function keys({ mapKey }: DescField & { fieldKind: 'map' }, manner: Manner): string[] {
  if (mapKey === ScalarType.STRING) return ['a', 'b', '', '__proto__', '1'];
  if (mapKey === ScalarType.BOOL) return manner === 'valid' ? ['true', 'false'] : ['true', 'false', 'TRUE', '1'];
  return manner === 'valid' ? ['1', '-2', '30'] : ['1', '-2', '30', '+1', '01', 'x', '1.0', ''];
}

function single(field: DescField, manner: Manner, depth: number): fc.Arbitrary<string> {
  const { message } = field;
  if (message?.name === 'Any') return fc.constantFrom(...ANYS, ...(manner === 'wild' ? STRANGE_ANYS : []));
  if (message?.name === 'Empty') return fc.constantFrom('{}', ...(manner === 'wild' ? ['{"a":1}'] : []));
  if (message && !message.typeName.startsWith('google.')) {
    return depth >= MOST_DEPTH ? fc.constant('{}') : jsonObject(message, manner, depth + 1);
  }
  const { usual, strange } = spellings(field);
  const asJson = (all: readonly string[]) => all.flatMap((text) => forms(field, text));
  if (manner === 'valid') return fc.constantFrom(...usual.flatMap((text) => validForm(field, text)));
  const common = asJson(usual);
  return fc.oneof(
    { arbitrary: fc.constantFrom(...common), weight: 6 },
    { arbitrary: fc.constantFrom(...asJson(strange)), weight: 1 },
  );
}

/** As a string, and as it is where that is JSON too. */
function forms({ scalar, message }: DescField, text: string): string[] {
  const free = message?.name === 'Struct' || message?.name === 'Value' || message?.name === 'ListValue';
  if (free) return isJson(text) ? [text] : [];
  const isText = scalar === ScalarType.STRING || message?.name === 'StringValue' || scalar === ScalarType.BYTES;
  return isJson(text) && !isText ? [JSON.stringify(text), text] : [JSON.stringify(text)];
}

/** As every parser of ProtoJSON takes it, without loss: numbers in quotes, enums by name. */
function validForm(field: DescField, text: string): string[] {
  const { scalar, enum: enumeration, message } = field;
  if (scalar === ScalarType.BOOL || message?.name === 'BoolValue') return [text];
  if (message?.name === 'FieldMask' && text.includes('_')) return [];
  if (enumeration && !/[A-Z]/.test(text)) return [];
  return forms(field, text).slice(0, 1);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A body as it is sent: mostly one value, and sometimes what is none, or more. */
export function bodies(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const whole = value.chain((text) => fc.constantFrom(text, text, text, ` ${text}\n`));
  return fc.oneof(
    { arbitrary: whole, weight: 24 },
    {
      arbitrary: fc.tuple(value, fc.constantFrom('x', '{}', ',', ' {"text":1}')).map((pair) => pair.join('')),
      weight: 1,
    },
    { arbitrary: value.map((text) => text.slice(0, -1)), weight: 1 },
    {
      arbitrary: fc.constantFrom('', ' ', 'null', '[]', '1', '"a"', '{"a"', '{"nobody":1e400}', '{"a":01}', "{'a':1}"),
      weight: 2,
    },
  );
}

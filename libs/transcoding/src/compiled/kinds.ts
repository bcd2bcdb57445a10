import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence, isWrapperDesc } from '@bufbuild/protobuf/wkt';
import { hasOwnJson } from '../well-known.js';

/** How one value stands on the wire. */
export const [VARINT, BITS64, BYTES, BITS32] = [0, 1, 2, 5];

const FIXED: ReadonlyMap<ScalarType, number> = new Map([
  [ScalarType.DOUBLE, BITS64],
  [ScalarType.FIXED64, BITS64],
  [ScalarType.SFIXED64, BITS64],
  [ScalarType.FLOAT, BITS32],
  [ScalarType.FIXED32, BITS32],
  [ScalarType.SFIXED32, BITS32],
  [ScalarType.STRING, BYTES],
  [ScalarType.BYTES, BYTES],
]);

export const isLong = (scalar: ScalarType): boolean =>
  [ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64].includes(scalar);

export function wireTypeOf({ scalar, message }: { scalar?: ScalarType | undefined; message?: unknown }): number {
  return message ? BYTES : scalar === undefined ? VARINT : (FIXED.get(scalar) ?? VARINT);
}

/** The tag of a single value. */
export function tagOf(field: DescField): number {
  return ((field.number << 3) | (field.fieldKind === 'map' ? BYTES : wireTypeOf(field))) >>> 0;
}

/** The tag of all values of a list in one, where its type can be packed; undefined where not. */
export function packedTagOf(field: DescField): number | undefined {
  return field.fieldKind === 'list' && wireTypeOf(field) !== BYTES ? ((field.number << 3) | BYTES) >>> 0 : undefined;
}

export function isImplicit(field: DescField): boolean {
  return field.presence === FeatureSet_FieldPresence.IMPLICIT;
}

/** The field of a wrapper such as google.protobuf.StringValue. */
export function wrappedField(message: DescMessage | undefined): DescField | undefined {
  return message && isWrapperDesc(message) ? message.fields[0] : undefined;
}

/**
 * Why there is no compiled code for a message; undefined when there is. What is left to reflection are features from before
 * proto3, and names that a JavaScript object would put in another order.
 */
export function unsupported(message: DescMessage): string | undefined {
  const names = message.fields.flatMap(({ name, jsonName }) => (name === jsonName ? [name] : [name, jsonName]));
  if (new Set(names).size < names.length) return 'two fields have one name';
  if (names.some((name) => /^\d+$/.test(name))) return 'a name is a number';
  if (message.fields.some((field) => 'delimitedEncoding' in field && field.delimitedEncoding)) return 'groups';
  if (message.fields.some(({ presence }) => presence === FeatureSet_FieldPresence.LEGACY_REQUIRED)) return 'required';
  const closed = message.fields.find((field) => field.enum && !(field.enum.open && field.enum.values[0]?.number === 0));
  return closed && `closed enum ${closed.name}`;
}

/** The fields in the order of their numbers, which is that of JSON and of canonical bytes. */
export function byNumber(message: DescMessage): DescField[] {
  return message.fields.toSorted((a, b) => a.number - b.number);
}

export type Form = 'timestamp' | 'duration' | 'wrapper' | 'foreign' | 'plain';

/** How a message is told in JSON. `foreign`: by reflection (Any, Struct, Value, ListValue, FieldMask). */
export function formOf(message: DescMessage): Form {
  if (message.typeName === 'google.protobuf.Timestamp') return 'timestamp';
  if (message.typeName === 'google.protobuf.Duration') return 'duration';
  if (wrappedField(message)) return 'wrapper';
  return hasOwnJson(message) ? 'foreign' : 'plain';
}

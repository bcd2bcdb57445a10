import { type DescField, type DescMessage, type Message, mergeFromJson } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';

/** The fields on the way from a message to one of its fields; never empty. */
export type FieldPath = readonly [DescField, ...DescField[]];

/** A field by its proto name or its json name. */
export function fieldNamed(message: DescMessage, name: string): DescField | undefined {
  return message.fields.find((field) => field.name === name || field.jsonName === name);
}

/** Resolves `a.b` over singular message fields. Throws an Error that names the message and the part that is unknown. */
export function resolveFieldPath(message: DescMessage, path: string): FieldPath {
  const fields: DescField[] = [];
  let current: DescMessage | undefined = message;
  for (const name of path.split('.')) {
    const field: DescField | undefined = current && fieldNamed(current, name);
    if (!field) throw new Error(`${message.typeName} has no field "${path}"`);
    fields.push(field);
    current = field.fieldKind === 'message' ? field.message : undefined;
  }
  const [first, ...others] = fields;
  if (!first) throw new Error(`${message.typeName}: empty field path`);
  return [first, ...others];
}

/** The path in json names: `customer.displayName`. */
export function jsonPath(path: FieldPath): string {
  return path.map(({ jsonName }) => jsonName).join('.');
}

/** True for fields that one text can give: scalars and enums, not repeated. */
export function isTextField(field: DescField): boolean {
  return field.fieldKind === 'scalar' || field.fieldKind === 'enum';
}

/** The value of a scalar or enum field as text; an unset field gives its default, an enum its name. */
export function readText(desc: DescMessage, message: Message, path: FieldPath): string {
  let current = reflect(desc, message);
  for (const field of path) {
    if (field.fieldKind === 'message') {
      current = current.get(field);
      continue;
    }
    const value: unknown = current.get(field);
    return field.fieldKind === 'enum' && typeof value === 'number'
      ? (field.enum.value[value]?.name ?? String(value))
      : String(value);
  }
  return '';
}

/** Sets a scalar or enum field from text. Throws what fromJson throws when the text does not fit the field's type. */
export function writeText(desc: DescMessage, message: Message, [path, text]: [FieldPath, string]): void {
  const json = path.reduceRight<unknown>((inner, field) => ({ [field.jsonName]: inner }), text);
  mergeFromJson(desc, message, json as Parameters<typeof mergeFromJson>[2]);
}

import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { isReflectList, isReflectMap, isReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { FieldViolation } from '#libs/errors';

/** Texts of a request with U+0000: valid in protobuf and JSON, and in no text of PostgreSQL. */
export function unstorableText<D extends DescMessage>(schema: D, message: MessageShape<D>): FieldViolation[] {
  const violations: FieldViolation[] = [];
  for (const [field, text] of textsIn(reflect(schema, message), '')) {
    if (text.includes('\0')) violations.push({ field, description: 'has the character U+0000', reason: 'text.nul' });
  }
  return violations;
}

function* textsIn(value: unknown, path: string): Generator<readonly [path: string, text: string]> {
  if (typeof value === 'string') yield [path, value];
  else if (isReflectMessage(value)) {
    for (const field of value.fields) {
      if (value.isSet(field)) yield* textsIn(value.get(field), `${path && `${path}.`}${field.jsonName}`);
    }
  } else if (isReflectList(value)) {
    for (const [index, item] of value.entries()) yield* textsIn(item, `${path}[${index}]`);
  } else if (isReflectMap(value)) {
    for (const [key, item] of value.entries()) {
      yield* textsIn(key, path);
      yield* textsIn(item, `${path}[${JSON.stringify(String(key))}]`);
    }
  }
}

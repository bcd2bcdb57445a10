import { create, type DescField, type Registry, toJson } from '@bufbuild/protobuf';
import { isLong } from '../decimal.js';
import type { JsonForm } from '../json-form.js';
import { JsonShape, optionsOf } from '../json-shape.js';
import type { EncodedResponse } from '../response.js';
import type { Route } from '../route.js';

/**
 * What grpc-gateway does otherwise where an answer is one field of the response: it is no ProtoJSON value then. A message that
 * is not set is told like an empty one, and 64-bit integers that are the field are JSON numbers. Undefined where there is
 * nothing to do.
 */
export function partialAnswer(
  { responseBody: field }: Route,
  registry: Registry,
  form: JsonForm,
): ((answer: EncodedResponse) => EncodedResponse) | undefined {
  if (!field) return undefined;
  if (field.fieldKind === 'message' && field.message.typeName !== 'google.protobuf.Value') {
    const empty = emptyJson(field, registry, form);
    return (answer) => (String(answer.json) === 'null' ? { ...answer, json: empty } : answer);
  }
  if (!isLong(field.scalar)) return undefined;
  return (answer) => ({ ...answer, json: Buffer.from(unquoted(field, String(answer.json))) });
}

function emptyJson({ message }: DescField & { fieldKind: 'message' }, registry: Registry, form: JsonForm): Buffer {
  const json = toJson(message, create(message), optionsOf(form, registry));
  return Buffer.from(JSON.stringify(new JsonShape(form, registry).message(message, json)));
}

function unquoted({ fieldKind }: DescField, json: string): string {
  if (fieldKind !== 'map') return json.replaceAll('"', '');
  const entries: [string, unknown][] = Object.entries(JSON.parse(json));
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join()}}`;
}

import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type JsonObject as ProtoJson,
  ScalarType,
  toJson,
} from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import { exampleOf, rulesOf } from './rules.js';
import type { Filled } from './schemas.js';
import { below, isRequired } from './schemas.js';

const validator = createValidator();
const MAX_DEPTH = 5;

/**
 * A request that the rules accept, made of the examples that they name: what cannot be left out, and what has an example.
 * Undefined when rules ask for more than can be guessed.
 */
export function exampleRequest(
  desc: DescMessage,
  filled: Filled,
  names: 'json' | 'proto' = 'json',
): ProtoJson | undefined {
  const example = messageExample(desc, filled, 0);
  if (!isAccepted(desc, example, filled)) return undefined;
  return names === 'json' ? example : inProtoNames(desc, example);
}

/** What has an example has no JSON of its own. */
function inProtoNames(desc: DescMessage, example: ProtoJson): ProtoJson {
  return toJson(desc, fromJson(desc, example), { useProtoFieldName: true }) as ProtoJson;
}

function messageExample(desc: DescMessage, filled: Filled, depth: number): ProtoJson {
  const wanted = desc.fields.filter(
    (field) => !filled.has(field.name) && (isRequired(field, 'request') || exampleOf(rulesOf(field)) !== undefined),
  );
  const entries = wanted.flatMap((field): [string, JsonValue][] => {
    const value = fieldExample(field, below(filled, field.name), depth);
    return value === undefined ? [] : [[field.jsonName, value]];
  });
  return Object.fromEntries(entries);
}

function fieldExample(field: DescField, filled: Filled, depth: number): JsonValue | undefined {
  if (depth > MAX_DEPTH || field.fieldKind === 'map') return undefined;
  if (field.fieldKind === 'list') {
    const item = single(field, filled, depth);
    return item === undefined ? undefined : [item];
  }
  return single(field, filled, depth);
}

function single(field: DescField, filled: Filled, depth: number): JsonValue | undefined {
  const rules = rulesOf(field);
  const items = rules?.type.case === 'repeated' ? rules.type.value.items : undefined;
  const given = exampleOf(items ?? rules);
  if (typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean') return given;
  if (field.message)
    return field.message.file.proto.package === 'google.protobuf'
      ? undefined
      : messageExample(field.message, filled, depth + 1);
  if (field.enum) return field.enum.values[1]?.name ?? field.enum.values[0]?.name;
  if (field.scalar === ScalarType.STRING) return 'text';
  if (field.scalar === ScalarType.BOOL) return true;
  return field.scalar === ScalarType.BYTES ? '' : 1;
}

function isAccepted(desc: DescMessage, example: ProtoJson, filled: Filled): boolean {
  try {
    const result = validator.validate(desc, fromJson(desc, example));
    if (result.kind !== 'invalid') return result.kind === 'valid';
    // What the path fills is not in the example.
    return result.violations.every(({ field: [first] }) => first?.kind === 'field' && filled.has(first.name));
  } catch {
    return false;
  }
}

import type { DescMessage } from '@bufbuild/protobuf';
import { isObject } from '../canonical.js';
import type { Json, JsonObject } from '../json.js';
import { isAny } from '../well-known.js';
import { fieldOf, Refusal } from './set-field.js';

const DYNAMIC = new Set(['google.protobuf.Struct', 'google.protobuf.Value']);

/**
 * The paths that the JSON of a message names, sorted, for the mask of a PATCH: below a Struct every key is one; a name that is
 * unknown has no place in a mask. @throws Refusal
 */
export function pathsIn(desc: DescMessage, body: Json): string[] {
  return isObject(body) ? below(desc, body, '').sort() : [];
}

function below(desc: DescMessage, object: JsonObject, above: string): string[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const field = fieldOf(desc, key);
    if (!field) throw new Refusal(`"${key.slice(0, 100)}" is not known, and so cannot be in the mask`);
    const path = above + field.name;
    if (field.message && DYNAMIC.has(field.message.typeName)) return blindly(value, path);
    if (field.fieldKind !== 'message') return [path];
    if (isAny(field.message)) return anyPath(value, path);
    return isObject(value) && Object.keys(value).length > 0 ? below(field.message, value, `${path}.`) : [path];
  });
}

/** Without a type nobody knows what there is of it. */
function anyPath(value: Json, path: string): string[] {
  if (isObject(value) && Object.hasOwn(value, '@type')) return [path];
  throw new Refusal(`${path} has no @type, and so cannot be in the mask`);
}

function blindly(value: Json, path: string): string[] {
  if (!isObject(value) || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([key, item]) => blindly(item, `${path}.${key}`));
}

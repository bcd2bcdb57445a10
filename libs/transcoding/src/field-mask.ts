import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { FieldMaskSchema } from '@bufbuild/protobuf/wkt';
import { isObject } from './canonical.js';
import { fieldNamed } from './field-path.js';
import type { JsonObject } from './json.js';
import type { Route } from './route.js';
import { hasOwnJson } from './well-known.js';

/** The field that says what a PATCH changes (AIP-134). */
export function maskFieldOf({ rpc }: Route): DescField | undefined {
  return rpc.input.fields.find(({ message }) => message?.typeName === FieldMaskSchema.typeName);
}

/** The paths of what a resource's JSON names, in its order. */
export function maskPaths(desc: DescMessage, json: JsonObject, above = ''): string[] {
  return Object.entries(json).flatMap(([key, value]) => {
    const field = fieldNamed(desc, key);
    if (!field) return [];
    const path = above + field.name;
    const inside = field.fieldKind === 'message' && !hasOwnJson(field.message) && isObject(value);
    return inside && Object.keys(value).length > 0 ? maskPaths(field.message, value, `${path}.`) : [path];
  });
}

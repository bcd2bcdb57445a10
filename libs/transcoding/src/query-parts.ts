import { type DescMessage, fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import type { Json, JsonObject } from './json.js';

/**
 * The JSON of a message that has a text, from its fields: for `{ seconds: "5" }` of google.protobuf.Duration `"5s"`. Undefined
 * where a field does not fit, or there is no text for what they mean.
 */
export function textOfParts(desc: DescMessage, parts: JsonObject): Json | undefined {
  // By another name it is a message like any other.
  const plain = { ...desc, typeName: `fields of ${desc.typeName}` };
  try {
    // Values are texts, and lists of such.
    const bytes = toBinary(plain, fromJson(plain, parts as JsonValue));
    return toJson(desc, fromBinary(desc, bytes)) as Json;
  } catch {
    return undefined;
  }
}

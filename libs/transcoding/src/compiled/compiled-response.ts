import type { FieldPath } from '../field-path.js';
import type { EncodedResponse } from '../response.js';
import type { JsonWriter } from './json-compiler.js';
import { textOnWire } from './wire-text.js';

/** What reflection makes of a response message. */
interface ByReflection {
  write(bytes: Uint8Array): EncodedResponse;
}

/** Writes response messages by compiled code, and by reflection what that leaves. */
export class CompiledResponses implements ByReflection {
  constructor(
    private readonly toJson: JsonWriter,
    private readonly reflection: ByReflection,
  ) {}

  write(bytes: Uint8Array): EncodedResponse {
    const json = this.toJson(bytes);
    if (!json) return this.reflection.write(bytes);
    const text = (path: FieldPath) => textOnWire(bytes, path) ?? this.reflection.write(bytes).text(path);
    return { json, text };
  }
}

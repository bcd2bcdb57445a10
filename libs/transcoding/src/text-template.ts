import type { DescMessage } from '@bufbuild/protobuf';
import { type FieldPath, isTextField, resolveFieldPath } from './field-path.js';

/**
 * A template such as `/v1/orders/{id}` over the fields of a message; values are percent-encoded. Throws an Error when a
 * field is unknown or cannot be text.
 */
export function compileTextTemplate(
  template: string,
  desc: DescMessage,
): (message: { text(path: FieldPath): string }) => string {
  const parts = template.split(/\{([^{}]*)\}/).map((part, index) => (index % 2 ? fieldOf(part) : part));
  return (message) =>
    parts.map((part) => (typeof part === 'string' ? part : encodeURIComponent(message.text(part)))).join('');

  function fieldOf(name: string): FieldPath {
    const path = resolveFieldPath(desc, name);
    if (!isTextField(path[path.length - 1] ?? path[0])) throw new Error(`"${name}" of ${template} is no scalar field`);
    return path;
  }
}

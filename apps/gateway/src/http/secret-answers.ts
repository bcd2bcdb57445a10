import { type DescMessage, getOption } from '@bufbuild/protobuf';
import { secret } from '#libs/contracts';

const known = new WeakMap<DescMessage, boolean>();

/** Whether messages of this type can hold a field marked (messaging.v1.secret), at any depth. */
export function holdsSecret(message: DescMessage): boolean {
  const answer = known.get(message) ?? search(message, new Set());
  known.set(message, answer);
  return answer;
}

function search(message: DescMessage, seen: Set<string>): boolean {
  if (seen.has(message.typeName)) return false;
  seen.add(message.typeName);
  return message.fields.some(
    (field) => getOption(field, secret) || (field.message !== undefined && search(field.message, seen)),
  );
}

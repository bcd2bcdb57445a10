import { type FieldMask } from '@bufbuild/protobuf/wkt';
import { type User as UserMessage, UserSchema } from '#libs/contracts';
import { DomainError } from '#libs/errors';

export interface AccountChanges {
  readonly name?: string;
  readonly email?: string;
}

const KNOWN: ReadonlySet<string> = new Set(UserSchema.fields.map((field) => field.name));

/**
 * What an update asks for, by its mask (AIP-134); `*` means all that can be changed. Fields that only the store sets are
 * ignored (AIP-203): a client may send back what it got. Throws VALIDATION_FAILED for paths that lead nowhere.
 */
export function changesOf(user: UserMessage, mask: FieldMask | undefined): AccountChanges {
  const paths = mask?.paths ?? [];
  const unknown = paths.find((path) => path !== '*' && !KNOWN.has(path));
  if (unknown !== undefined) throw invalid('updateMask', 'names a field that a user does not have');
  const asked = (path: string) => paths.includes('*') || paths.includes(path);
  if (asked('email') && user.email === '') throw invalid('user.email', 'must be set');
  return { ...(asked('name') && { name: user.name }), ...(asked('email') && { email: user.email }) };
}

const invalid = (field: string, description: string) =>
  new DomainError('VALIDATION_FAILED', { violations: [{ field, description }] });

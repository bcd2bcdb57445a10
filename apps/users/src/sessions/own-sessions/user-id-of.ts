import { DomainError } from '#libs/errors';
import type { Principal } from '#libs/identity';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** The id of the user that a principal is. Throws NOT_FOUND for what is no user, e.g. a service: it has nothing here. */
export function userIdOf({ subject }: Principal): string {
  if (!UUID.test(subject)) throw new DomainError('NOT_FOUND');
  return subject;
}

import { DomainError } from '#libs/errors';

/** The client's mistake in one of the fields that shape a list. `reason` is the field's rule, e.g. `filter.syntax`. */
export function refusal(field: string, reason: string, description: string): DomainError {
  return new DomainError('VALIDATION_FAILED', { violations: [{ field, description, reason }] });
}

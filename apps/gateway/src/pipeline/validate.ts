import type { Message } from '@bufbuild/protobuf';
import { DomainError } from '#libs/errors';
import { violationsOf } from '#libs/service';
import type { Operation } from '../operations/operation.js';

/** Holds the request against the `buf.validate` rules of its proto. Throws VALIDATION_FAILED with all that it breaks. */
export function validate({ rpc }: Operation, message: Message): void {
  const violations = violationsOf(rpc.input, message);
  if (violations.length > 0) throw new DomainError('VALIDATION_FAILED', { violations });
}

import { DomainError } from '#libs/errors';
import { violationsOf } from '#libs/service';
import type { RequestMessage } from '#libs/transcoding';
import type { Operation } from '../operations/operation.js';

/**
 * Holds the request against the `buf.validate` rules of its proto, where the codec has not done so already. Throws
 * VALIDATION_FAILED with all that it breaks.
 */
export function validate({ rpc }: Operation, request: RequestMessage): void {
  if (request.isSurelyValid) return;
  const violations = violationsOf(rpc.input, request.message());
  if (violations.length > 0) throw new DomainError('VALIDATION_FAILED', { violations });
}

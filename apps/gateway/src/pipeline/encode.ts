import type { Answer } from '#libs/idempotency';
import type { EncodedResponse } from '#libs/transcoding';
import type { Operation } from '../operations/operation.js';

/** A response message as the answer that the policy asks for. */
export function encode({ successStatus, location }: Operation, response: EncodedResponse): Answer {
  return {
    status: successStatus,
    contentType: response.contentType ?? 'application/json',
    location: location?.(response),
    body: response.json,
  };
}

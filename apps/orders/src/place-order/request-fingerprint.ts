import { createHash } from 'node:crypto';
import { clone, toBinary } from '@bufbuild/protobuf';
import { type PlaceOrderRequest, PlaceOrderRequestSchema } from '#libs/contracts';

/** The same for two requests that ask for the same order; how long the client waits for its end does not matter. */
export function requestFingerprint(customerId: string, request: PlaceOrderRequest): Buffer {
  const asked = clone(PlaceOrderRequestSchema, request);
  asked.waitSeconds = 0;
  return createHash('sha256').update(customerId).update('\0').update(toBinary(PlaceOrderRequestSchema, asked)).digest();
}

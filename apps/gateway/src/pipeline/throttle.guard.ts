import { type ExecutionContext, Injectable } from '@nestjs/common';
import { PolicyThrottlerGuard, type ThrottledCall } from '#libs/throttling';
import type { RequestMessage } from '#libs/transcoding';
import type { EdgeReply } from '../http/edge-reply.js';
import { type EdgeRequest, requestOf } from '../http/edge-request.js';
import type { Operation } from '../operations/operation.js';
import { operationOf } from '../operations/operation-metadata.js';

/** Throttles by route, address and principal as a guard, and by fields once the request is bound. */
@Injectable()
export class ThrottleGuard extends PolicyThrottlerGuard {
  protected override callOf(context: ExecutionContext): ThrottledCall {
    return throttledCall(operationOf(context), requestOf(context));
  }

  /** Takes tokens from the buckets that are keyed by fields of the request. Throws THROTTLED. */
  async admitFields(operation: Operation, message: RequestMessage, reply: EdgeReply): Promise<void> {
    const { throttleFields } = operation;
    if (throttleFields.size === 0) return;
    await this.admitField(throttledCall(operation, reply.request), reply, (field) => {
      const path = throttleFields.get(field);
      return path ? message.text(path) : '';
    });
  }
}

function throttledCall({ name, throttles }: Operation, request: EdgeRequest): ThrottledCall {
  const { caller } = request.exchange;
  if (!caller) throw new Error('ThrottleGuard ran before AuthenticateGuard');
  return { rpc: name, throttles, address: request.ip, principal: caller.subject };
}

import { Injectable } from '@nestjs/common';
import type { Cancellation, CancelSignal } from '#libs/calls';
import { Code } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import type { Answer } from '#libs/idempotency';
import type { FieldPath, RequestMessage } from '#libs/transcoding';
import type { EdgeRequest } from '../http/edge-request.js';
import type { BoundRoute, Operation } from '../operations/operation.js';
import { UpstreamFailure } from '../problems/failure.js';
import { Draining } from '../streams/draining.js';
import { UpstreamCall } from '../upstream/upstream-call.js';
import type { BoundRequest } from './bind.js';
import { encode } from './encode.js';

/** Calls the service and encodes what it answers. */
@Injectable()
export class CallUnary {
  constructor(
    private readonly upstream: UpstreamCall,
    private readonly draining: Draining,
  ) {}

  async run(
    { operation, codec }: BoundRoute,
    { message, timeoutMs, clientTimeoutMs }: BoundRequest,
    { request, key }: { request: EdgeRequest; key: string | undefined },
  ): Promise<Answer> {
    const { clientGone } = request.exchange;
    const send = ({ bytes }: RequestMessage, signal: CancelSignal) =>
      this.upstream.unary({ operation, request, timeoutMs, idempotencyKey: key, bytes, signal });
    try {
      const bytes = await (waits(operation, message)
        ? this.untilDrained(operation.preferWait, { message, gone: clientGone }, send)
        : send(message, clientGone));
      return encode(operation, codec.encode(bytes));
    } catch (error) {
      throw clientTimeoutMs === undefined ? error : tooLate(error, clientTimeoutMs);
    }
  }

  /**
   * A call that waits for an outcome, up to half a minute, does not hold up the gateway's end: where it may be repeated, it is
   * broken off then and sent again without the wait, for what there is by now.
   */
  private async untilDrained<T>(
    preferWait: FieldPath,
    { message, gone }: { message: RequestMessage; gone: Cancellation },
    send: (message: RequestMessage, signal: CancelSignal) => Promise<T>,
  ): Promise<T> {
    const { signal: draining } = this.draining;
    try {
      return await send(message, AbortSignal.any([gone.signal, draining]));
    } catch (error) {
      if (!draining.aborted || gone.aborted || !isCancelled(error)) throw error;
      return send(message.with(preferWait, '0'), gone);
    }
  }
}

/** Whether the call waits for an outcome, and may be repeated without. */
function waits(operation: Operation, message: RequestMessage): operation is Operation & { preferWait: FieldPath } {
  const { preferWait, attempts } = operation;
  return preferWait !== undefined && attempts > 1 && Number(message.text(preferWait)) > 0;
}

const isCancelled = (error: unknown) => error instanceof UpstreamFailure && error.received.grpc === Code.CANCELLED;

/** It was the client's own deadline that has passed: it is told so. */
function tooLate(cause: unknown, clientTimeoutMs: number): unknown {
  if (!(cause instanceof UpstreamFailure) || cause.received.grpc !== Code.DEADLINE_EXCEEDED) return cause;
  const seconds = String(clientTimeoutMs / 1000);
  const message = `The answer did not come within the Request-Timeout of ${seconds} s.`;
  return new DomainError('DEADLINE_EXCEEDED', { message, metadata: { requestTimeoutSeconds: seconds }, cause });
}

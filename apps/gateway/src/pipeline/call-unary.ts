import { Injectable } from '@nestjs/common';
import { Code } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import type { Answer } from '#libs/idempotency';
import type { RequestMessage } from '#libs/transcoding';
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
    const call = { operation, request, timeoutMs, idempotencyKey: key };
    const send = ({ bytes }: RequestMessage, signal: AbortSignal) => this.upstream.unary({ ...call, bytes, signal });
    const bytes = await this.untilDrained({ operation, message, gone: clientGone.signal }, send).catch(
      (error: unknown) => {
        throw clientTimeoutMs === undefined ? error : tooLate(error, clientTimeoutMs);
      },
    );
    return encode(operation, codec.encode(bytes));
  }

  /**
   * A call that waits for an outcome, up to half a minute, does not hold up the gateway's end: where it may be repeated, it is
   * broken off then and sent again without the wait, for what there is by now.
   */
  private async untilDrained<T>(
    { operation, message, gone }: { operation: Operation; message: RequestMessage; gone: AbortSignal },
    send: (message: RequestMessage, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { preferWait, attempts } = operation;
    if (!preferWait || attempts < 2 || Number(message.text(preferWait)) <= 0) return send(message, gone);
    const { signal: draining } = this.draining;
    try {
      return await send(message, AbortSignal.any([gone, draining]));
    } catch (error) {
      if (!draining.aborted || gone.aborted || !isCancelled(error)) throw error;
      return send(message.with(preferWait, '0'), gone);
    }
  }
}

const isCancelled = (error: unknown) => error instanceof UpstreamFailure && error.received.grpc === Code.CANCELLED;

/** It was the client's own deadline that has passed: it is told so. */
function tooLate(cause: unknown, clientTimeoutMs: number): unknown {
  if (!(cause instanceof UpstreamFailure) || cause.received.grpc !== Code.DEADLINE_EXCEEDED) return cause;
  const seconds = String(clientTimeoutMs / 1000);
  const message = `The answer did not come within the Request-Timeout of ${seconds} s.`;
  return new DomainError('DEADLINE_EXCEEDED', { message, metadata: { requestTimeoutSeconds: seconds }, cause });
}

import { toBinary } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Code } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import type { Answer } from '#libs/idempotency';
import type { BoundRoute } from '../operations/operation.js';
import { UpstreamFailure } from '../problems/failure.js';
import { UpstreamCall } from '../upstream/upstream-call.js';
import type { BoundRequest } from './bind.js';
import { encode } from './encode.js';

/** Calls the service and encodes what it answers. */
@Injectable()
export class CallUnary {
  constructor(private readonly upstream: UpstreamCall) {}

  async run(
    { operation, codec }: BoundRoute,
    { message, timeoutMs, clientTimeoutMs }: BoundRequest,
    { request, key }: { request: FastifyRequest; key: string | undefined },
  ): Promise<Answer> {
    const bytes = await this.upstream
      .unary({
        operation,
        request,
        bytes: toBinary(operation.rpc.input, message),
        timeoutMs,
        idempotencyKey: key,
        signal: request.exchange.clientGone.signal,
      })
      .catch((error: unknown) => {
        throw clientTimeoutMs === undefined ? error : tooLate(error, clientTimeoutMs);
      });
    return encode(operation, codec.encode(bytes));
  }
}

/** It was the client's own deadline that has passed: it is told so. */
function tooLate(cause: unknown, clientTimeoutMs: number): unknown {
  if (!(cause instanceof UpstreamFailure) || cause.received.grpc !== Code.DEADLINE_EXCEEDED) return cause;
  const seconds = String(clientTimeoutMs / 1000);
  const message = `The answer did not come within the Request-Timeout of ${seconds} s.`;
  return new DomainError('DEADLINE_EXCEEDED', { message, metadata: { requestTimeoutSeconds: seconds }, cause });
}

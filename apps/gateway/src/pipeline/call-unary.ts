import { toBinary } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Answer } from '#libs/idempotency';
import type { BoundRoute } from '../operations/operation.js';
import { UpstreamCall } from '../upstream/upstream-call.js';
import type { BoundRequest } from './bind.js';
import { encode } from './encode.js';

/** Calls the service and encodes what it answers. */
@Injectable()
export class CallUnary {
  constructor(private readonly upstream: UpstreamCall) {}

  async run(
    { operation, codec }: BoundRoute,
    { message, timeoutMs }: BoundRequest,
    { request, key }: { request: FastifyRequest; key: string | undefined },
  ): Promise<Answer> {
    const bytes = await this.upstream.unary({
      operation,
      request,
      bytes: toBinary(operation.rpc.input, message),
      timeoutMs,
      idempotencyKey: key,
      signal: request.exchange.clientGone.signal,
    });
    return encode(operation, codec.encode(bytes));
  }
}

import { Injectable } from '@nestjs/common';
import type { Answer } from '#libs/idempotency';
import type { EdgeReply } from '../http/edge-reply.js';
import type { EdgeRequest } from '../http/edge-request.js';
import { asBuffer } from '../upstream/as-buffer.js';
import { bind } from './bind.js';
import { CallStream } from './call-stream.js';
import { CallUnary } from './call-unary.js';
import { Deduplicate } from './deduplicate.js';
import { hasBody, NO_BODY, readBody } from './read-body.js';
import { StreamedRequests } from './streamed-requests.js';
import { ThrottleGuard } from './throttle.guard.js';
import { validate } from './validate.js';

/**
 * The way of a request, from where the guards have let it in. Before: limitSize → match → AuthenticateGuard → ScopesGuard
 * → ThrottleGuard. Here: body → bind → throttle by fields → validate → deduplicate → call → encode.
 */
@Injectable()
export class Pipeline {
  constructor(
    private readonly throttle: ThrottleGuard,
    private readonly deduplicate: Deduplicate,
    private readonly unary: CallUnary,
    private readonly streams: CallStream,
    private readonly streamed: StreamedRequests,
  ) {}

  async run(request: EdgeRequest, reply: EdgeReply): Promise<void> {
    const { exchange } = request;
    const { bound } = exchange;
    if (!bound) throw new Error('the request was not matched');
    const { operation } = bound;

    if (operation.sends || request.upgrade) return this.streamed.run(bound, reply);

    const { bodyBytes: maxBytes } = exchange.deployment.config.limits;
    // Whatever clients of grpc-gateway call it, it is read as JSON.
    const kind = bound.codec.takesRaw || bound.dialect === 'grpc-gateway' ? 'any' : 'json';
    const body = hasBody(request.raw) ? await readBody(request.raw, { maxBytes, kind }, reply.raw) : NO_BODY;
    const boundRequest = bind(bound, request, body);
    if (operation.throttleFields.size > 0) await this.throttle.admitFields(operation, boundRequest.message, reply);
    validate(operation, boundRequest.message);
    if (operation.stream) return this.streams.run(bound, operation.stream, { request: boundRequest, reply });
    const call = (key: string | undefined) => this.unary.run(bound, boundRequest, { request, key });
    const answer = await (operation.idempotency
      ? this.deduplicate.run(operation, { bound: boundRequest, reply }, call)
      : call(undefined));
    if (boundRequest.preference && answer.status < 300 && !exchange.replayed) {
      reply.header('preference-applied', boundRequest.preference);
    }
    send(reply, answer);
  }
}

function send(reply: EdgeReply, { status, contentType, location, body }: Answer): void {
  if (location !== undefined) reply.header('location', location);
  reply.code(status).header('content-type', contentType).send(asBuffer(body));
}

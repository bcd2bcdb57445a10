import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import type { EdgeReply } from '../http/edge-reply.js';
import { sendEarly } from '../http/last-answer.js';
import type { BoundRoute } from '../operations/operation.js';
import { Draining } from '../streams/draining.js';
import { OpenStreams } from '../streams/open-streams.js';
import { StreamEnd } from '../streams/stream-end.js';
import { asBuffer } from '../upstream/as-buffer.js';
import { UpstreamCall } from '../upstream/upstream-call.js';
import { timeLimit } from './bind.js';
import { encode } from './encode.js';
import { RequestStream } from './request-stream.js';

/** Calls a service that takes a stream and gives one answer. */
@Injectable()
export class CallUpload {
  constructor(
    private readonly upstream: UpstreamCall,
    private readonly draining: Draining,
    private readonly open: OpenStreams,
    private readonly requests: RequestStream,
  ) {}

  async run(bound: BoundRoute, reply: EdgeReply): Promise<void> {
    const { operation, codec } = bound;
    const { request } = reply;
    reply.raw.once('close', this.open.admit(request));
    const end = new StreamEnd(request, this.draining, { ...timeLimit(operation.timeoutMs, request), stop: [] });
    try {
      const { signal, timeoutMs } = end;
      const call = { operation, request, idempotencyKey: undefined, signal, timeoutMs };
      const requests = this.requests.ofBody(bound, reply);
      const message = await onlyOne(this.upstream.conversation({ ...call, requests }));
      const { status, contentType, location, body } = encode(operation, codec.encode(message));
      if (location !== undefined) reply.header('location', location);
      sendEarly(reply.code(status).header('content-type', contentType), asBuffer(body));
    } catch (error) {
      throw end.reasonOf(error);
    } finally {
      end.release();
    }
  }
}

/** The answer to a stream. A service that gives none, or several, breaks gRPC. */
export async function onlyOne(answers: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let only: Uint8Array | undefined;
  for await (const answer of answers) {
    if (only) throw new DomainError('INTERNAL', { cause: new Error('there is more than one answer to a stream') });
    only = answer;
  }
  if (!only) throw new DomainError('INTERNAL', { cause: new Error('there is no answer to a stream') });
  return only;
}

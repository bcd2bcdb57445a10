import { Injectable } from '@nestjs/common';
import type { RequestMessage } from '#libs/transcoding';
import type { EdgeRequest } from '../http/edge-request.js';
import type { BoundRoute, StreamForm } from '../operations/operation.js';
import type { StreamMessage } from '../streams/frames.js';
import type { StreamEnd } from '../streams/stream-end.js';
import { UpstreamCall } from '../upstream/upstream-call.js';
import { idOf, resumed } from './resumed.js';

export type Responses = AsyncGenerator<StreamMessage, void, void>;

/** What a stream of responses belongs to. */
export interface StreamCall {
  readonly bound: BoundRoute;
  readonly form: StreamForm;
  /** Released when the responses have come to theirs. */
  readonly end: StreamEnd;
}

/** Responses that are a stream, as clients are told them. */
@Injectable()
export class ResponseStream {
  constructor(private readonly upstream: UpstreamCall) {}

  /** To one request; over the end of the replica that answers it, where that can be. */
  async *resumed({ bound, form, end }: StreamCall, request: EdgeRequest, message: RequestMessage): Responses {
    const { operation, codec } = bound;
    const call = { operation, request, idempotencyKey: undefined, signal: end.signal };
    try {
      const open = (bytes: Uint8Array) => this.upstream.stream({ ...call, bytes, timeoutMs: end.timeoutMs });
      yield* resumed({ form, message, codec }, open);
    } finally {
      end.release();
    }
  }

  /** To many requests. */
  async *to(
    requests: AsyncGenerator<Uint8Array, void, void>,
    { bound: { operation, codec }, form, end }: StreamCall,
    request: EdgeRequest,
  ): Responses {
    const { signal, timeoutMs } = end;
    const call = { operation, request, idempotencyKey: undefined, signal, timeoutMs, requests };
    try {
      for await (const bytes of this.upstream.conversation(call)) {
        const { json, contentType, ...response } = codec.encode(bytes);
        yield { json, contentType, id: idOf(response, form) };
      }
    } finally {
      end.release();
    }
  }
}

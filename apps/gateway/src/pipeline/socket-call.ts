import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import type { RequestMessage } from '#libs/transcoding';
import type { EdgeReply } from '../http/edge-reply.js';
import type { BoundRoute } from '../operations/operation.js';
import type { FrameSocket } from '../streams/frame-socket.js';
import type { StreamEnd } from '../streams/stream-end.js';
import { UpstreamCall } from '../upstream/upstream-call.js';
import { bind } from './bind.js';
import { onlyOne } from './call-upload.js';
import { RequestStream } from './request-stream.js';
import { ResponseStream } from './response-stream.js';

export interface OpenSocket {
  readonly bound: BoundRoute;
  readonly reply: EdgeReply;
  readonly socket: FrameSocket;
  readonly end: StreamEnd;
  /** Of a server stream, where it does not come in a frame. */
  readonly message: RequestMessage | undefined;
}

/** Carries messages between a WebSocket and a service. */
@Injectable()
export class SocketCall {
  constructor(
    private readonly upstream: UpstreamCall,
    private readonly requests: RequestStream,
    private readonly responses: ResponseStream,
  ) {}

  /** Until all is said. Throws what has ended it otherwise. */
  async run(open: OpenSocket): Promise<void> {
    const { bound, reply, socket, end } = open;
    const { operation, codec } = bound;
    const form = operation.stream;
    if (!form) {
      const { signal, timeoutMs } = end;
      const call = { operation, request: reply.request, idempotencyKey: undefined, signal, timeoutMs };
      const answer = await onlyOne(this.upstream.conversation({ ...call, requests: this.sent(open) }));
      await socket.send(codec.encode(answer).json);
      return;
    }
    const call = { bound, form, end };
    const responses = operation.sends
      ? this.responses.to(this.sent(open), call, reply.request)
      : this.responses.resumed(call, reply.request, open.message ?? (await this.first(open)));
    for await (const { json } of responses) await socket.send(json);
  }

  private async *sent({ bound, reply, socket }: OpenSocket): AsyncGenerator<Uint8Array, void, void> {
    let index = 0;
    for await (const bytes of socket.messages()) {
      yield await this.requests.message(bound, reply, { bytes, index: index++, offset: 0 });
    }
    // What it has not said itself is not the end of what it had to say.
    if (socket.stopped.aborted) throw new DomainError('CANCELLED');
  }

  /** The request of a server stream whose body is a frame. */
  private async first({ bound, reply, socket, end }: OpenSocket): Promise<RequestMessage> {
    const patienceMs = reply.request.exchange.deployment.config.limits.requestSeconds * 1000;
    const limit = AbortSignal.timeout(Math.max(0, Math.min(patienceMs, end.timeoutMs)));
    const body = await socket.first(AbortSignal.any([end.signal, limit])).catch((error: unknown) => {
      if (!limit.aborted) throw error;
      throw new DomainError(end.timeoutMs > 0 ? 'REQUEST_TIMEOUT' : 'DEADLINE_EXCEEDED');
    });
    const { message } = bind(bound, reply.request, body);
    await this.requests.admit(bound, reply, message);
    return message;
  }
}

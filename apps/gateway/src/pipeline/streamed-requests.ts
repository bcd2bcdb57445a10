import { Injectable } from '@nestjs/common';
import type { EdgeReply } from '../http/edge-reply.js';
import type { BoundRoute } from '../operations/operation.js';
import { CallSocket } from './call-socket.js';
import { CallStream } from './call-stream.js';
import { CallUpload } from './call-upload.js';

/**
 * The way of requests that are not one message, from where the guards have let them in: each message is bound, throttled by its fields
 * and validated when it comes, and sent on.
 */
@Injectable()
export class StreamedRequests {
  constructor(
    private readonly sockets: CallSocket,
    private readonly uploads: CallUpload,
    private readonly streams: CallStream,
  ) {}

  run(bound: BoundRoute, reply: EdgeReply): Promise<void> {
    const { upgrade } = reply.request;
    const { stream } = bound.operation;
    if (upgrade) return this.sockets.run(bound, reply, upgrade);
    return stream ? this.streams.converse(bound, stream, reply) : this.uploads.run(bound, reply);
  }
}

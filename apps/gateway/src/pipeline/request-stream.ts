import { Injectable } from '@nestjs/common';
import { inStream, type JsonPiece, JsonSplitter, type RequestMessage } from '#libs/transcoding';
import type { EdgeReply } from '../http/edge-reply.js';
import { mayTakeLong } from '../http/slow-bodies.js';
import type { BoundRoute } from '../operations/operation.js';
import { type BodyKind, bodyPieces } from './read-body.js';
import { ThrottleGuard } from './throttle.guard.js';
import { validate } from './validate.js';

type Messages = AsyncGenerator<Uint8Array, void, void>;

/**
 * Requests that are a stream, as protobuf. Path and query fill each message of JSON, as they would fill a single one: every message has
 * to be a whole request by the rules of its proto. Of a google.api.HttpBody, which is one request in pieces, they fill the first.
 */
@Injectable()
export class RequestStream {
  constructor(private readonly throttle: ThrottleGuard) {}

  /** Of the body of a request over HTTP: read as it is taken. */
  ofBody(bound: BoundRoute, reply: EdgeReply): Messages {
    mayTakeLong(reply.request.raw);
    return bound.codec.takesRaw ? this.pieces(bound, reply) : this.values(bound, reply);
  }

  /** One message of JSON. Throws what is wrong with it, told by its number. */
  async message(bound: BoundRoute, reply: EdgeReply, { bytes: body, index, offset }: JsonPiece): Promise<Uint8Array> {
    const { codec } = bound;
    const { variables, query } = reply.request.exchange;
    try {
      const message = codec.decode({ variables, query, body });
      await this.admit(bound, reply, message);
      return message.bytes;
    } catch (error) {
      throw inStream(error, index, offset);
    }
  }

  /** Lets a message through, or throws THROTTLED, VALIDATION_FAILED. */
  async admit({ operation }: BoundRoute, reply: EdgeReply, message: RequestMessage): Promise<void> {
    await this.throttle.admitFields(operation, message, reply);
    validate(operation, message);
  }

  private async *values(bound: BoundRoute, reply: EdgeReply): Messages {
    const splitter = new JsonSplitter(reply.request.exchange.deployment.config.streams.messageBytes);
    for await (const chunk of pieces(reply, 'json-stream')) {
      for (const value of splitter.read(chunk)) yield await this.message(bound, reply, value);
    }
    const last = splitter.end();
    if (last) yield await this.message(bound, reply, last);
  }

  private async *pieces(bound: BoundRoute, reply: EdgeReply): Messages {
    let isFirst = true;
    for await (const chunk of pieces(reply, 'any')) {
      yield isFirst ? await this.first(bound, reply, chunk) : bound.codec.nextPiece(chunk);
      isFirst = false;
    }
    if (isFirst) yield await this.first(bound, reply, Buffer.alloc(0));
  }

  private async first(bound: BoundRoute, reply: EdgeReply, body: Buffer): Promise<Uint8Array> {
    const { exchange, headers } = reply.request;
    const { variables, query } = exchange;
    const message = bound.codec.decode({ variables, query, body, contentType: headers['content-type'] });
    await this.admit(bound, reply, message);
    return message.bytes;
  }
}

function pieces({ request, raw }: EdgeReply, kind: BodyKind): AsyncGenerator<Buffer, void, void> {
  const { bodyBytes: maxBytes } = request.exchange.deployment.config.streams;
  return bodyPieces(request.raw, { maxBytes, kind }, raw);
}

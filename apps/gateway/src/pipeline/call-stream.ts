import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import type { EdgeReply } from '../http/edge-reply.js';
import { cutOff } from '../http/last-answer.js';
import type { BoundRoute, StreamForm } from '../operations/operation.js';
import { describeFailure } from '../problems/failure.js';
import { failureAnswer } from '../problems/failure-answer.js';
import { preferredForm } from '../streams/accept.js';
import { Draining } from '../streams/draining.js';
import { formOf } from '../streams/forms.js';
import { frames, startStream } from '../streams/frames.js';
import { OpenStreams } from '../streams/open-streams.js';
import { startBytes } from '../streams/raw-frames.js';
import { StreamEnd } from '../streams/stream-end.js';
import type { BoundRequest } from './bind.js';
import { timeLimit } from './bind.js';
import { RequestStream } from './request-stream.js';
import { ResponseStream, type Responses } from './response-stream.js';

const PATIENCE_MS = 2_000;

/** How an answer is told that is a stream. */
interface Telling {
  readonly form: StreamForm;
  readonly reply: EdgeReply;
  readonly end: StreamEnd;
  /** Cancels the call. */
  readonly stop: () => void;
}

/** Calls a service that streams, and tells what it sends as the client asked for: events, lines, an array, or its own bytes. */
@Injectable()
export class CallStream {
  constructor(
    private readonly responses: ResponseStream,
    private readonly requests: RequestStream,
    private readonly draining: Draining,
    private readonly open: OpenStreams,
  ) {}

  /** One request, many responses. */
  async run(bound: BoundRoute, form: StreamForm, call: { request: BoundRequest; reply: EdgeReply }): Promise<void> {
    const { message, timeoutMs } = call.request;
    await this.tell(bound, { form, reply: call.reply, timeoutMs }, (end) =>
      this.responses.resumed({ bound, form, end }, call.reply.request, message),
    );
  }

  /**
   * Many of both. The answer begins with the first response, or soon: clients that send all before they read get to see it
   * then, as long as both sides have room.
   */
  async converse(bound: BoundRoute, form: StreamForm, reply: EdgeReply): Promise<void> {
    const { timeoutMs } = timeLimit(bound.operation.timeoutMs, reply.request);
    await this.tell(bound, { form, reply, timeoutMs }, (end) =>
      this.responses.to(this.requests.ofBody(bound, reply), { bound, form, end }, reply.request),
    );
    cutOff(reply);
  }

  private async tell(
    bound: BoundRoute,
    { form, reply, timeoutMs }: { form: StreamForm; reply: EdgeReply; timeoutMs: number },
    call: (end: StreamEnd) => Responses,
  ): Promise<void> {
    reply.raw.once('close', this.open.admit(reply.request));
    const stopping = new AbortController();
    const end = new StreamEnd(reply.request, this.draining, { timeoutMs, stop: [stopping.signal] });
    const told: Telling = { form, reply, end, stop: () => stopping.abort() };
    const messages = call(end);
    const body = bound.codec.givesRaw ? await this.asBytes(messages, told) : await this.asFrames(messages, told);
    reply.code(bound.operation.successStatus);
    if (reply.request.method === 'HEAD') {
      stopping.abort();
      body.destroy();
      await reply.send();
      return;
    }
    await reply.send(body);
  }

  private async asFrames(messages: Responses, { form, reply, end, stop }: Telling): Promise<Readable> {
    const { exchange, headers } = reply.request;
    const written = formOf(preferredForm(headers.accept, form.form), exchange.bound?.dialect);
    const started = await startStream(messages, PATIENCE_MS);
    const tell = (error: unknown): string | undefined => {
      // Nobody reads any more, or the reader comes back by itself.
      if (exchange.clientGone.aborted) return undefined;
      if (this.draining.signal.aborted && written.contentType.startsWith('text/event-stream')) return undefined;
      exchange.failure = describeFailure(end.reasonOf(error));
      return failureAnswer(exchange.failure, exchange).body.toString();
    };
    const heartbeatMs = exchange.deployment.config.streams.heartbeatSeconds * 1000;
    reply.header('content-type', written.contentType);
    return Readable.from(frames(started, { form: written, heartbeatMs, tell, stop }), { objectMode: false });
  }

  private async asBytes(messages: Responses, { reply, end, stop }: Telling): Promise<Readable> {
    const { exchange } = reply.request;
    const failed = (error: unknown) => {
      exchange.failure ??= describeFailure(end.reasonOf(error));
    };
    const { contentType, bytes } = await startBytes(messages, { failed, stop });
    reply.header('content-type', contentType);
    return Readable.from(bytes, { objectMode: false });
  }
}

import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Code } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { ANONYMOUS } from '#libs/identity';
import type { EdgeReply } from '../http/edge-reply.js';
import type { Caller } from '../http/exchange.js';
import type { BoundRoute, StreamForm } from '../operations/operation.js';
import { describeFailure, UpstreamFailure } from '../problems/failure.js';
import { failureAnswer } from '../problems/failure-answer.js';
import { preferredForm } from '../streams/accept.js';
import { Draining } from '../streams/draining.js';
import { formOf } from '../streams/forms.js';
import { frames, type StreamMessage, startStream } from '../streams/frames.js';
import { OpenStreams } from '../streams/open-streams.js';
import { UpstreamCall } from '../upstream/upstream-call.js';
import type { BoundRequest } from './bind.js';
import { resumed } from './resumed.js';

const PATIENCE_MS = 2_000;

/** Calls a service that streams, and tells what it sends as the client asked for: events, lines or an array. */
@Injectable()
export class CallStream {
  constructor(
    private readonly upstream: UpstreamCall,
    private readonly draining: Draining,
    private readonly open: OpenStreams,
  ) {}

  async run(bound: BoundRoute, form: StreamForm, call: { request: BoundRequest; reply: EdgeReply }): Promise<void> {
    const { reply } = call;
    const { exchange, headers, method } = reply.request;
    // Its connection has been closed already: a place that it took would never be given back.
    if (exchange.clientGone.aborted) throw new DomainError('CANCELLED');
    const caller = exchange.caller?.subject === ANONYMOUS ? reply.request.ip : (exchange.caller?.subject ?? '');
    const leave = this.open.enter(caller, exchange.deployment.config.streams.perCaller);
    reply.raw.once('close', leave);
    const written = formOf(preferredForm(headers.accept, form.form), bound.dialect);
    const stopping = new AbortController();
    const messages = this.messages(bound, { form, signal: stopping.signal }, call);
    const started = await startStream(messages, PATIENCE_MS);
    reply.code(bound.operation.successStatus).header('content-type', written.contentType);
    if (method === 'HEAD') {
      stopping.abort();
      await reply.send();
      return;
    }
    const tell = (error: unknown): string | undefined => {
      // Nobody reads any more, or the reader comes back by itself.
      if (exchange.clientGone.aborted) return undefined;
      if (this.draining.signal.aborted && written.contentType.startsWith('text/event-stream')) return undefined;
      exchange.failure = describeFailure(this.endOf(exchange.caller, error));
      return failureAnswer(exchange.failure, exchange).body.toString();
    };
    const bytes = frames(started, {
      form: written,
      heartbeatMs: exchange.deployment.config.streams.heartbeatSeconds * 1000,
      tell,
      stop: () => stopping.abort(),
    });
    await reply.send(Readable.from(bytes, { objectMode: false }));
  }

  private async *messages(
    { operation, codec }: BoundRoute,
    { form, signal }: { form: StreamForm; signal: AbortSignal },
    { request: { message, timeoutMs }, reply: { request } }: { request: BoundRequest; reply: EdgeReply },
  ): AsyncGenerator<StreamMessage, void, void> {
    const { caller, clientGone } = request.exchange;
    const endsAt = Math.min(Date.now() + timeoutMs, caller?.expiresAt ?? Number.POSITIVE_INFINITY);
    // A stream ends when the token does that it was opened with, and when its session does.
    const sessionEnd = new AbortController();
    const stopWatching = caller?.session?.onEnd(() => sessionEnd.abort());
    try {
      const stops = AbortSignal.any([signal, clientGone.signal, this.draining.signal, sessionEnd.signal]);
      const call = { operation, request, idempotencyKey: undefined, signal: stops };
      const open = (bytes: Uint8Array) => this.upstream.stream({ ...call, bytes, timeoutMs: endsAt - Date.now() });
      yield* resumed({ form, message, codec }, open);
    } finally {
      stopWatching?.();
    }
  }

  /** Why a stream has ended early, as its reader is told. */
  private endOf(caller: Caller | undefined, error: unknown): unknown {
    if (!(error instanceof UpstreamFailure)) return error;
    const { grpc } = error.received;
    if (grpc === Code.CANCELLED && caller?.session?.hasEnded) return new DomainError('UNAUTHENTICATED');
    if (grpc === Code.CANCELLED && this.draining.signal.aborted) return new DomainError('UPSTREAM_UNAVAILABLE');
    const hasExpired = caller?.expiresAt !== undefined && caller.expiresAt <= Date.now();
    return grpc === Code.DEADLINE_EXCEEDED && hasExpired ? new DomainError('UNAUTHENTICATED') : error;
  }
}

import type { ClientReadableStream, Metadata, ServiceError } from '@grpc/grpc-js';
import { Injectable } from '@nestjs/common';
import { type Attributes, type Span, SpanKind, trace } from '@opentelemetry/api';
import { CallMetrics, type CancelSignal, Retries, type RetryLimits, unaryCall } from '#libs/calls';
import { Code } from '#libs/contracts';
import { DomainError, fromServiceError } from '#libs/errors';
import { PrincipalTokens } from '#libs/identity';
import { markFailed, tracer } from '#libs/telemetry';
import { Deployments } from '../deployments/deployments.js';
import type { EdgeRequest } from '../http/edge-request.js';
import type { Caller } from '../http/exchange.js';
import type { Operation } from '../operations/operation.js';
import { UpstreamFailure } from '../problems/failure.js';
import { asBuffer, asIs } from './as-buffer.js';
import { callMetadata } from './call-metadata.js';
import { converse } from './conversation.js';

/** What every call has. */
interface UpstreamRequest {
  readonly operation: Operation;
  readonly request: EdgeRequest;
  readonly timeoutMs: number;
  readonly idempotencyKey: string | undefined;
  /** Cancels the call. */
  readonly signal: CancelSignal;
}

export interface CallRequest extends UpstreamRequest {
  /** The message as protobuf. */
  readonly bytes: Uint8Array;
}

export interface StreamRequest extends UpstreamRequest {
  /** The messages as protobuf; each is asked for when the one before has left. */
  readonly requests: AsyncGenerator<Uint8Array, void, void>;
}

const gatewayTracer = tracer('gateway');

/** Calls services for a request: signed principal, deadline, cancellation, and a CLIENT span around it. */
@Injectable()
export class UpstreamCall {
  constructor(
    private readonly deployments: Deployments,
    private readonly tokens: PrincipalTokens,
  ) {}

  /** The response message as protobuf. Throws UpstreamFailure. */
  async unary(call: CallRequest): Promise<Uint8Array> {
    const startedAt = performance.now();
    const authorization = this.authorization(call);
    const prepared = this.prepare(call, typeof authorization === 'object' ? await authorization : authorization);
    const { path, metadata, limits, span } = prepared;
    try {
      const request = call.bytes;
      const answer = await unaryCall({ ...limits, path, metadata, request, serialize: asBuffer, deserialize: asIs });
      span.setAttribute('rpc.grpc.status_code', 0);
      return answer;
    } catch (error) {
      throw failed(call.operation, span, error);
    } finally {
      call.request.exchange.upstreamMs = performance.now() - startedAt;
      span.end();
    }
  }

  /** The response messages as protobuf, as fast as they are taken. Throws UpstreamFailure at any point. */
  stream(call: CallRequest): AsyncGenerator<Uint8Array, void, void> {
    return this.told(call, (prepared) => repeated(call, prepared));
  }

  /**
   * The same for an RPC that takes a stream, whether it gives one or not. Sent once: what has been sent is gone. Throws what
   * `requests` throws, too.
   */
  conversation(call: StreamRequest): AsyncGenerator<Uint8Array, void, void> {
    return this.told(call, (prepared) => conversed(call, prepared));
  }

  private async *told(
    call: UpstreamRequest,
    work: (prepared: Prepared) => AsyncGenerator<Uint8Array, void, void>,
  ): AsyncGenerator<Uint8Array, void, void> {
    const prepared = this.prepare(call, await this.authorization(call));
    const { span, path } = prepared;
    const metrics = new CallMetrics(path);
    try {
      yield* work(prepared);
      metrics.succeeded();
      span.setAttribute('rpc.grpc.status_code', 0);
    } catch (error) {
      metrics.failed(error);
      throw failed(call.operation, span, error);
    } finally {
      metrics.record();
      span.end();
    }
  }

  private prepare(call: UpstreamRequest, authorization: string | undefined): Prepared {
    const { operation, request, timeoutMs, idempotencyKey, signal } = call;
    const { context: parent, deployment, span: server } = request.exchange;
    const { path, spanName, attributes } = factsOf(operation);
    // Of a request whose trace is not kept, the service is told the trace and no span of its own.
    const isKept = server.isRecording();
    const span = isKept ? gatewayTracer.startSpan(spanName, { kind: SpanKind.CLIENT, attributes }, parent) : server;
    const context = isKept ? trace.setSpan(parent, span) : parent;
    const { headers } = request;
    const forward = deployment.config.forwardHeaders;
    const metadata = callMetadata({ authorization, context, idempotencyKey, headers, forward });
    const client = this.deployments.channels.to(operation.upstream);
    // By its code alone: the words may be a service's own, and hold personal data.
    const onRetry = ({ code }: ServiceError) => span.addEvent('retry', { 'error.type': String(code) });
    const deadline = Date.now() + timeoutMs;
    return { path, metadata, limits: { client, attempts: operation.attempts, deadline, signal, onRetry }, span };
  }

  /** What the upstream learns of who calls, as the configuration says; the client's own token only once it is verified. */
  private authorization({ operation, request }: UpstreamRequest): Promise<string> | string | undefined {
    const { caller } = request.exchange;
    // No guard has vouched for this request: it goes nowhere.
    if (!caller) throw new Error(`${operation.name} was reached without authentication`);
    const { credentials, audience } = operation.upstream;
    if (credentials === 'none') return undefined;
    if (credentials === 'forward') return request.headers.authorization;
    const minted = this.tokens.minted(caller, audience);
    return minted === undefined ? this.mint(caller, audience) : `Bearer ${minted}`;
  }

  private async mint({ subject, scopes, sessionId }: Caller, audience: string): Promise<string> {
    try {
      return `Bearer ${await this.tokens.mint({ subject, scopes, sessionId }, audience)}`;
    } catch (cause) {
      throw new DomainError('UPSTREAM_UNAVAILABLE', { cause });
    }
  }
}

interface Prepared {
  readonly path: string;
  readonly metadata: Metadata;
  readonly limits: RetryLimits;
  readonly span: Span;
}

/** One stream after another, until one has told something. */
async function* repeated(call: CallRequest, { path, metadata, limits }: Prepared): AsyncGenerator<Uint8Array> {
  const { client, deadline } = limits;
  const retries = new Retries(limits);
  retries.admit();
  for (let told = false; ; ) {
    const running: ClientReadableStream<Buffer> = client.makeServerStreamRequest(
      ...([path, asBuffer, asIs, call.bytes, metadata, { deadline }] as const),
    );
    try {
      for await (const bytes of untilAborted(call.signal, running)) {
        if (!told) retries.succeeded();
        told = true;
        yield bytes;
      }
      return;
    } catch (error) {
      if (told || !(await retries.again(error, running))) throw error;
    }
  }
}

async function* conversed(
  { requests, signal }: StreamRequest,
  { path, metadata, limits }: Prepared,
): AsyncGenerator<Uint8Array, void, void> {
  const { client, deadline } = limits;
  const retries = new Retries(limits);
  retries.admit();
  let told = false;
  try {
    for await (const bytes of converse({ client, path, metadata, deadline, signal, requests })) {
      if (!told) retries.succeeded();
      told = true;
      yield bytes;
    }
  } catch (error) {
    retries.failed(error);
    throw error;
  }
}

async function* untilAborted<T>(signal: CancelSignal, stream: ClientReadableStream<T>): AsyncGenerator<T> {
  // Cancelling makes an error that nobody may be listening for any more.
  stream.on('error', () => {});
  const cancel = () => stream.cancel();
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    yield* stream;
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

/** What is the same for all calls of an operation. */
interface CallFacts {
  readonly path: string;
  readonly spanName: string;
  readonly attributes: Attributes;
}

const factsByOperation = new WeakMap<Operation, CallFacts>();

function factsOf(operation: Operation): CallFacts {
  const known = factsByOperation.get(operation);
  if (known) return known;
  const { rpc, upstream } = operation;
  // Of a list, all of it: which of them answers is not known yet.
  const [host = '', port] = upstream.address.includes(',') ? [upstream.address] : upstream.address.split(/:(\d+)$/);
  const attributes = {
    'rpc.system': 'grpc',
    'rpc.service': rpc.parent.typeName,
    'rpc.method': rpc.name,
    'server.address': host,
    ...(port && { 'server.port': Number(port) }),
  };
  const spanName = `${rpc.parent.typeName}/${rpc.name}`;
  const facts = { path: `/${spanName}`, spanName, attributes };
  factsByOperation.set(operation, facts);
  return facts;
}

// What grpc-js says of messages beyond the limits of its channel: no refusal by the service.
const TOO_LARGE_ANSWER = /^Received message (larger than max|that decompresses to a size larger)/;
const TOO_LARGE_REQUEST = /^Attempted to send message with a size larger than/;

function failed({ name }: Operation, span: Span, error: unknown): Error {
  // What is wrong with the requests of a stream.
  if (error instanceof DomainError) {
    markFailed(span, error);
    return error;
  }
  const received = fromServiceError(error);
  span.setAttribute('rpc.grpc.status_code', received.grpc);
  markFailed(span, error);
  if (received.grpc === Code.RESOURCE_EXHAUSTED && TOO_LARGE_REQUEST.test(received.message)) {
    return new DomainError('BODY_TOO_LARGE', { cause: error });
  }
  const isFault = received.grpc === Code.RESOURCE_EXHAUSTED && TOO_LARGE_ANSWER.test(received.message);
  return new UpstreamFailure(name, isFault ? { ...received, grpc: Code.INTERNAL } : received, error);
}

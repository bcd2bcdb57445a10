import type { Client, ClientUnaryCall, Metadata } from '@grpc/grpc-js';
import { CallMetrics } from './call-metrics.js';
import { Retries, type RetryLimits } from './retries.js';

export interface UnaryCall<I, O> extends RetryLimits {
  readonly client: Client;
  /** `/package.Service/Method` */
  readonly path: string;
  readonly request: I;
  readonly serialize: (request: I) => Buffer;
  readonly deserialize: (bytes: Buffer) => O;
  readonly metadata: Metadata;
}

/**
 * Calls a unary RPC, on another replica where one fails and the call may be sent again. Rejects with grpc-js's ServiceError
 * of the last attempt.
 */
export async function unaryCall<I, O>(call: UnaryCall<I, O>): Promise<O> {
  const metrics = new CallMetrics(call.path);
  try {
    const value = await untilAnswered(call, () => metrics.retried());
    metrics.succeeded();
    return value;
  } catch (error) {
    metrics.failed(error);
    throw error;
  } finally {
    metrics.record();
  }
}

async function untilAnswered<I, O>(call: UnaryCall<I, O>, onRetry: () => void): Promise<O> {
  const retries = new Retries(call);
  retries.admit();
  for (;;) {
    const { running, answer } = send(call);
    try {
      const value = await cancelledBy(call.signal, running, answer);
      retries.succeeded();
      return value;
    } catch (error) {
      if (!(await retries.again(error, running))) throw error;
      onRetry();
    }
  }
}

function send<I, O>(call: UnaryCall<I, O>): { running: ClientUnaryCall; answer: Promise<O> } {
  const { promise, resolve, reject } = Promise.withResolvers<O>();
  const { path, serialize, deserialize, request, metadata, deadline } = call;
  const running = withoutStacks(() =>
    call.client.makeUnaryRequest(
      ...([path, serialize, deserialize, request, metadata, { deadline }] as const),
      (error, value) => (value === undefined ? reject(error) : resolve(value)),
    ),
  );
  return { running, answer: promise };
}

/**
 * grpc-js notes the stack of its caller at each call, in case that it fails: a tenth of what a call costs. Ours is always this
 * file; what was called is told by the span, and who called by the async stack of whoever awaits.
 */
function withoutStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

async function cancelledBy<T>(
  signal: AbortSignal | undefined,
  call: { cancel(): void },
  result: Promise<T>,
): Promise<T> {
  const cancel = () => call.cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await result;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

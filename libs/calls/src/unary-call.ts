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
export function unaryCall<I, O>(call: UnaryCall<I, O>): Promise<O> {
  return new Promise((resolve, reject) => new Attempts(call, { resolve, reject }).start());
}

interface Caller<O> {
  resolve(value: O): void;
  reject(error: unknown): void;
}

/** A call with all of its attempts. By callbacks: it stands on the way of every request, where a promise for each step counts. */
class Attempts<I, O> {
  private readonly metrics: CallMetrics;
  private readonly retries: Retries;
  private running: ClientUnaryCall | undefined;

  constructor(
    private readonly call: UnaryCall<I, O>,
    private readonly caller: Caller<O>,
  ) {
    this.metrics = new CallMetrics(call.path);
    this.retries = new Retries(call);
  }

  start(): void {
    const { signal } = this.call;
    signal?.addEventListener('abort', this.cancel, { once: true });
    try {
      this.retries.admit();
      this.send();
    } catch (error) {
      this.failed(error);
    }
  }

  private send(): void {
    const { client, path, serialize, deserialize, request, metadata, deadline, signal } = this.call;
    const { stackTraceLimit } = Error;
    // grpc-js notes the stack of its caller at each call, in case that it fails: a tenth of what a call costs. Ours is always
    // this file; what was called is told by the span, and who called by the async stack of whoever awaits.
    Error.stackTraceLimit = 0;
    try {
      this.running = client.makeUnaryRequest(
        ...([path, serialize, deserialize, request, metadata, { deadline }] as const),
        (error, value) => (value === undefined ? void this.again(error) : this.answered(value)),
      );
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
    if (signal?.aborted) this.running.cancel();
  }

  private answered(value: O): void {
    this.retries.succeeded();
    this.metrics.succeeded();
    this.end();
    this.caller.resolve(value);
  }

  private async again(error: unknown): Promise<void> {
    try {
      if (!this.running || !(await this.retries.again(error, this.running))) throw error;
      this.metrics.retried();
      this.send();
    } catch (reason) {
      this.failed(reason);
    }
  }

  private failed(error: unknown): void {
    this.metrics.failed(error);
    this.end();
    this.caller.reject(error);
  }

  private end(): void {
    this.call.signal?.removeEventListener('abort', this.cancel);
    this.metrics.record();
  }

  private readonly cancel = (): void => this.running?.cancel();
}

import { type Client, type ServiceError, status } from '@grpc/grpc-js';
import { DomainError, toServiceError } from '#libs/errors';
import type { CancelSignal } from './cancellation.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { RetryBudget } from './retry-budget.js';

/** Another replica answers at once, and the only one is back within this time or not soon. */
const GIVE_UP_AFTER_MS = 1_500;
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 250;

export interface RetryLimits {
  readonly client: Client;
  /** How often the call may be sent although a handler may have seen it: see `attemptsOf`. */
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly deadline: number;
  /** Ends the call. */
  readonly signal?: CancelSignal | undefined;
  /** Before each further attempt. */
  readonly onRetry?: (error: ServiceError) => void;
}

/** A deadline that the caller made short says nothing of the upstream. */
const SLOW_MS = 1_000;

/** What the calls of one channel know of its upstream. */
class Upstream {
  readonly budget = new RetryBudget();
  readonly breaker = new CircuitBreaker();
}

const upstreams = new WeakMap<Client, Upstream>();

/** Whether one call is sent at all, and whether, and when, it is sent again. */
export class Retries {
  private readonly upstream: Upstream;
  private readonly begunAt = Date.now();
  private failedAt: number | undefined;
  /** Attempts that a handler may have seen. */
  private seen = 0;
  private pause = FIRST_PAUSE_MS;

  constructor(private readonly limits: RetryLimits) {
    const known = upstreams.get(limits.client);
    this.upstream = known ?? new Upstream();
    if (!known) upstreams.set(limits.client, this.upstream);
  }

  /** Throws a ServiceError, UNAVAILABLE with RetryInfo, while the upstream is known to be away. Before the first attempt. */
  admit(): void {
    const wait = this.upstream.breaker.wait();
    if (wait > 0) throw toServiceError(new DomainError('UPSTREAM_UNAVAILABLE', { retryAfterSeconds: wait / 1000 }));
  }

  succeeded(): void {
    this.upstream.budget.succeeded();
    this.upstream.breaker.answered();
  }

  /** It has failed, and cannot be sent again: what it sent is gone. */
  failed(error: unknown): void {
    this.note(error);
  }

  /** Resolves with whether to send the call again, when that is due. `call` is the attempt that failed with `error`. */
  async again(error: unknown, call: { getPeer(): string }): Promise<boolean> {
    this.note(error);
    if (!isBreakdown(error)) return false;
    const { client, attempts, deadline, signal, onRetry } = this.limits;
    if (!wasNeverSeen(error, call, client) && ++this.seen >= attempts) return false;
    const pause = this.nextPause();
    this.failedAt ??= Date.now();
    const latest = Math.min(deadline, this.failedAt + GIVE_UP_AFTER_MS);
    if (Date.now() + pause >= latest || signal?.aborted || !this.upstream.budget.take()) return false;
    await pauseOf(pause, signal);
    if (signal?.aborted) return false;
    onRetry?.(error);
    return true;
  }

  private note(error: unknown): void {
    const { breaker } = this.upstream;
    if (isBreakdown(error)) breaker.failed();
    else if (!isServiceError(error) || error.code === status.CANCELLED) return;
    else if (error.code !== status.DEADLINE_EXCEEDED) breaker.answered();
    else if (Date.now() - this.begunAt >= SLOW_MS) breaker.failed();
  }

  private nextPause(): number {
    const pause = this.pause * (0.5 + Math.random());
    this.pause = Math.min(LONGEST_PAUSE_MS, this.pause * 2);
    return pause;
  }
}

/** Shorter when the signal ends it. */
async function pauseOf(ms: number, signal: CancelSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener('abort', resolve, { once: true });
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener('abort', resolve);
}

/** What grpc-js says when a stream is reset, for its server stops or its connection breaks. */
const RESET: Readonly<Partial<Record<status, RegExp>>> = {
  [status.CANCELLED]: /^Call cancelled$/,
  [status.INTERNAL]: /^Received RST_STREAM with code/,
};

/** No answer of a handler's own. */
function isBreakdown(error: unknown): error is ServiceError {
  if (!isServiceError(error)) return false;
  return error.code === status.UNAVAILABLE || RESET[error.code]?.test(error.details) === true;
}

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && 'code' in error && 'details' in error;

/**
 * Whether a call certainly had no effect: it never left on a connection, or the server refused its stream before any
 * handler (RFC 9113, 8.7: REFUSED_STREAM; grpc-js then has this text, and tries once more by itself).
 */
function wasNeverSeen({ details }: ServiceError, call: { getPeer(): string }, client: Client): boolean {
  return call.getPeer() === client.getChannel().getTarget() || details === 'Stream refused by server';
}

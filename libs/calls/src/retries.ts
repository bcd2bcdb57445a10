import { setTimeout as delay } from 'node:timers/promises';
import { type Client, type ServiceError, status } from '@grpc/grpc-js';
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
  readonly signal?: AbortSignal | undefined;
  /** Before each further attempt. */
  readonly onRetry?: (error: ServiceError) => void;
}

const budgets = new WeakMap<Client, RetryBudget>();

/** Whether, and when, one call is sent again. */
export class Retries {
  private readonly budget: RetryBudget;
  private failedAt: number | undefined;
  /** Attempts that a handler may have seen. */
  private seen = 0;
  private pause = FIRST_PAUSE_MS;

  constructor(private readonly limits: RetryLimits) {
    this.budget = budgets.get(limits.client) ?? new RetryBudget();
    budgets.set(limits.client, this.budget);
  }

  succeeded(): void {
    this.budget.succeeded();
  }

  /** Resolves with whether to send the call again, when that is due. `call` is the attempt that failed with `error`. */
  async again(error: unknown, call: { getPeer(): string }): Promise<boolean> {
    if (!isBreakdown(error)) return false;
    const { client, attempts, deadline, signal, onRetry } = this.limits;
    if (!wasNeverSeen(error, call, client) && ++this.seen >= attempts) return false;
    const pause = this.nextPause();
    this.failedAt ??= Date.now();
    const latest = Math.min(deadline, this.failedAt + GIVE_UP_AFTER_MS);
    if (Date.now() + pause >= latest || signal?.aborted || !this.budget.take()) return false;
    await delay(pause, undefined, { signal }).catch(() => {});
    if (signal?.aborted) return false;
    onRetry?.(error);
    return true;
  }

  private nextPause(): number {
    const pause = this.pause * (0.5 + Math.random());
    this.pause = Math.min(LONGEST_PAUSE_MS, this.pause * 2);
    return pause;
  }
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

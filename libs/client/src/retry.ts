import type { Operation } from './operation.js';
import { NoAnswerError, ProblemError } from './problem.js';

const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);
const [FIRST_MS, LONGEST_MS] = [200, 5_000];

/** True where a second try cannot do twice what the first one did (RFC 9110, 9.2.2), or a key sees to it. */
export function isRepeatable({ method, idempotencyKey }: Operation): boolean {
  return IDEMPOTENT.has(method) || idempotencyKey === true;
}

/** True for failures that pass: no connection, 503, and a first try under the same key that is still running. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ProblemError) return error.status === 503 || error.is('IDEMPOTENCY_KEY_IN_USE');
  return error instanceof NoAnswerError && error.reason === 'network';
}

/** How long to wait before try number `attempt` + 1: what the API says, or twice as long each time, with jitter. */
export function delayMs(error: unknown, attempt: number, random: () => number = Math.random): number {
  if (error instanceof ProblemError && error.retryAfter !== undefined) return error.retryAfter * 1000;
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
}

/** Resolves after the time; rejects with the signal's reason when it is aborted before. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const end = () => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', end);
    resolve();
  }, ms);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return promise;
}

import { setTimeout } from 'node:timers/promises';
import { ProviderUnavailableError } from './provider.js';

export interface TryPolicy {
  readonly tries: number;
  /** Deadline of one try, in milliseconds. */
  readonly tryMs: number;
  /** Deadline of all of them, in milliseconds. */
  readonly budgetMs: number;
}

/** Longer than a slow provider takes (2 s); four of them and the pauses between stay below ten seconds. */
export const AUTHORIZING: TryPolicy = { tries: 4, tryMs: 2_300, budgetMs: 9_900 };
/** A background job goes on where these end. */
export const CLOSING: TryPolicy = { tries: 3, tryMs: 2_300, budgetMs: 5_000 };
export const ONCE: TryPolicy = { tries: 1, tryMs: 2_300, budgetMs: 2_300 };

/** Pause before try number `next` (2, 3, …): doubles from 200 ms, the upper half of it by chance. */
export function pauseMs(next: number, random = Math.random()): number {
  return 200 * 2 ** (next - 2) * (0.5 + random / 2);
}

const MAX_PAUSE_SECONDS = 10;

/** Pause of a background job after so many tries: doubles from a second up to ten, the upper half of it by chance. */
export function pauseSeconds(attempts: number): number {
  return Math.min(MAX_PAUSE_SECONDS, 0.5 * 2 ** Math.min(attempts, 10)) * (0.5 + Math.random() / 2);
}

/** Thrown when all tries ended with an unknown result. */
export class UnknownResultError extends Error {
  override readonly name = 'UnknownResultError';
}

/**
 * Does `work` again as long as its result is unknown (ProviderUnavailableError) and the policy allows. `work` must be
 * the same call under the same key each time. Other errors pass through; UnknownResultError when it gives up.
 */
export async function tryAgain<T>(policy: TryPolicy, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = performance.now() + policy.budgetMs;
  for (let number = 1; ; number++) {
    try {
      return await work(AbortSignal.timeout(Math.ceil(Math.max(1, Math.min(policy.tryMs, end - performance.now())))));
    } catch (error) {
      if (!(error instanceof ProviderUnavailableError)) throw error;
      const pause = pauseMs(number + 1);
      if (number === policy.tries || performance.now() + pause >= end) {
        throw new UnknownResultError(`the result is unknown after ${number} tries`, { cause: error });
      }
      await setTimeout(pause);
    }
  }
}

import { type WaitOptions, waitFor } from '#libs/embedded';

/**
 * Waits until the condition is true (or gives a value) and returns what it gave; a test's way to wait instead of a sleep.
 * An error of the condition ends the wait. Default limit 10 s.
 */
export function until<T>(
  condition: () => Promise<T> | T,
  options: Partial<WaitOptions> & { what: string },
): Promise<Exclude<T, undefined | false>> {
  return waitFor(condition, { timeout: 10_000, interval: 20, ...options });
}

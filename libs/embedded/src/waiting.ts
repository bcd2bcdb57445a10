import { setTimeout as pause } from 'node:timers/promises';

export interface WaitOptions {
  /** Milliseconds until the wait fails. */
  timeout: number;
  /** Milliseconds between two looks. */
  interval?: number;
  /** What is waited for: ends the sentence "timed out after 5 s waiting for …". */
  what: string;
}

/** Polls until `look` gives something else than undefined or false, and returns it. @throws when the time is over */
export async function waitFor<T>(
  look: () => Promise<T> | T,
  options: WaitOptions,
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + options.timeout;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (performance.now() > end)
      throw new Error(`timed out after ${options.timeout / 1000} s waiting for ${options.what}`);
    await pause(options.interval ?? 100);
  }
}

import { setTimeout } from 'node:timers/promises';
import { isTransient } from '#libs/database';

export interface Patience {
  /** As it is called in messages, e.g. `PostgreSQL at 127.0.0.1:5432`. */
  what: string;
  limitMs: number;
  say: (line: string) => void;
  /** Whether an error only says that it is not up yet. */
  isAway: (error: unknown) => boolean;
}

const TRY_EVERY_MS = 1_000;
const SAY_EVERY_MS = 10_000;

/** Repeats `work` while the other side is away, for `limitMs` at most. Rejects at once on any other error. */
export async function patiently(work: () => Promise<void>, { what, limitMs, say, isAway }: Patience): Promise<void> {
  const started = Date.now();
  for (let said = -SAY_EVERY_MS; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error)) throw error;
      const waited = Date.now() - started;
      const why = error instanceof Error && error.message ? error.message : String(error);
      if (waited >= limitMs) {
        throw new Error(`${what} was not ready within ${Math.round(limitMs / 1000)} s: ${why}`, { cause: error });
      }
      if (waited - said >= SAY_EVERY_MS) {
        say(`waiting for ${what}, ${Math.round(waited / 1000)} s of ${Math.round(limitMs / 1000)} s: ${why}`);
        said = waited;
      }
      await setTimeout(Math.min(TRY_EVERY_MS, limitMs - waited));
    }
  }
}

export const isDatabaseAway = isTransient;

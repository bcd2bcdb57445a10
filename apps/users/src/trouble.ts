import { isTransient } from '#libs/database';
import type { Log } from '#libs/service';

/** For jobs whose runs try again: what passes by itself is a warning, everything else an error. */
export const logTrouble =
  (log: Log, trouble: string) =>
  (err: unknown): void => {
    if (isTransient(err)) log.warn({ err }, trouble);
    else log.error({ err }, trouble);
  };

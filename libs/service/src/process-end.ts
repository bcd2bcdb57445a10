import { flushTelemetry } from '#libs/telemetry';
import type { Log } from './log.js';

const DRAIN_LIMIT_MS = 10_000;
const FLUSH_LIMIT_MS = 2_000;

/** After something that nobody foresaw the state of the process is unknown: it ends, and is started again clean. */
export function exitOnCrash(log: Log): void {
  const exit = (what: string) => (err: unknown) => {
    log.fatal({ err }, what);
    process.exit(1);
  };
  process.on('uncaughtException', exit('uncaught exception'));
  process.on('unhandledRejection', exit('unhandled rejection'));
}

/** On SIGTERM and SIGINT: `stop`, then send the last spans, then exit. A second signal, or 10 s, end it at once. */
export function exitOnSignal(log: Log, stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error({ limitMs: DRAIN_LIMIT_MS }, 'not stopped in time');
      process.exit(1);
    }, DRAIN_LIMIT_MS).unref();
    void endProcess(log, stop);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** Ends a process that could not start: logs why, sends what telemetry has, exits with 1. */
export async function exitOnFailedStart(log: Log, error: unknown): Promise<never> {
  log.fatal({ err: error }, 'could not start');
  await flushTelemetry(FLUSH_LIMIT_MS);
  process.exit(1);
}

async function endProcess(log: Log, stop: () => Promise<void>): Promise<void> {
  const failed = await stop().then(
    () => false,
    (err: unknown) => {
      log.error({ err }, 'could not stop in order');
      return true;
    },
  );
  await flushTelemetry(FLUSH_LIMIT_MS);
  log.info({}, 'stopped');
  process.exit(failed ? 1 : 0);
}

import { setTimeout as delay } from 'node:timers/promises';
import { isTransient } from '#libs/database';
import type { Log } from '#libs/service';

export interface LoopOptions {
  /** For log lines, e.g. `mails are sent later`. */
  readonly trouble: string;
  readonly intervalMs: number;
  readonly log: Log;
}

/**
 * Does something again and again, one run at a time: every `intervalMs`, and at once after `wake()` or when a run says
 * that there is more. A run that fails is logged, and the next one tries again.
 */
export class Loop {
  private readonly stopping = new AbortController();
  private pause = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly work: () => Promise<boolean>,
    private readonly options: LoopOptions,
  ) {}

  start(): void {
    this.running = this.run();
  }

  wake(): void {
    this.pause.abort();
  }

  /** Waits for the run that is on; no other begins. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.pause = new AbortController();
      const more = await this.work().catch((error: unknown) => this.report(error));
      const pause = { signal: AbortSignal.any([signal, this.pause.signal]) };
      if (!more) await delay(this.options.intervalMs, undefined, pause).catch(() => {});
    }
  }

  private report(err: unknown): false {
    const { log, trouble } = this.options;
    if (isTransient(err)) log.warn({ err }, trouble);
    else log.error({ err }, trouble);
    return false;
  }
}

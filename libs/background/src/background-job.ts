/** `done`: nothing more for now. `more`: there is more to do now. `failed`: some of it failed, and the run has said why. */
export type RunResult = 'done' | 'more' | 'failed';

export interface JobOptions {
  /** Pause after a run that is done, in milliseconds. */
  readonly intervalMs: number;
  /** Pause before the first run; default none. */
  readonly firstAfterMs?: number;
  /** Pause after a run that says that there is more; default none. */
  readonly moreAfterMs?: number;
  /** Pause after a run that failed; default `intervalMs`. */
  readonly failedAfterMs?: number;
  /** Hears what a run threw. Must not throw. */
  onFailure(error: unknown): void;
}

/**
 * Does something again and again, one run at a time, from `start` to `stop`. A run that throws is reported, and the next
 * one tries again. Its pauses do not keep the process alive.
 */
export class BackgroundJob {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private woken = false;
  private endPause = () => {};

  /**
   * `run` resolves to what decides on the pause after it, nothing means `done`. One that takes long should look at its
   * signal, which aborts at `stop`.
   */
  constructor(
    private readonly run: (signal: AbortSignal) => Promise<RunResult> | Promise<void>,
    private readonly options: JobOptions,
  ) {}

  /** Only the first call has an effect; none after `stop`. */
  start(): void {
    this.running ??= this.repeat();
  }

  /** Ends the pause; a run that is on is followed by another one at once, since it may have begun too early to see why. */
  wake(): void {
    this.woken = true;
    this.endPause();
  }

  /** Resolves when the run that is on has ended; no other begins. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.endPause();
    await this.running;
  }

  private async repeat(): Promise<void> {
    const { signal } = this.stopping;
    const { intervalMs, firstAfterMs, moreAfterMs = 0, failedAfterMs = intervalMs } = this.options;
    const pauses = { done: intervalMs, more: moreAfterMs, failed: failedAfterMs };
    if (firstAfterMs) await this.pause(firstAfterMs);
    while (!signal.aborted) {
      this.woken = false;
      await this.pause(pauses[await this.runOnce(signal)]);
    }
  }

  private async runOnce(signal: AbortSignal): Promise<RunResult> {
    try {
      return (await this.run(signal)) ?? 'done';
    } catch (error) {
      this.options.onFailure(error);
      return 'failed';
    }
  }

  /** Also the shortest one lets others have their turn. */
  private async pause(ms: number): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.woken ? 0 : ms).unref();
    this.endPause = resolve;
    await promise;
    clearTimeout(timer);
  }
}

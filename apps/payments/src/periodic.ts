import type { Log } from '#libs/service';

/**
 * Does something again and again, one run at a time, until the application shuts down; the run that is on then is
 * waited for. A run that fails is logged, the next one tries again.
 */
export abstract class Periodic {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  protected constructor(
    protected readonly log: Log,
    private readonly intervalMs: number,
  ) {}

  /** One run; resolves with the pause until the next one, in milliseconds. */
  abstract run(): Promise<number>;

  onApplicationBootstrap(): void {
    this.plan(this.intervalMs);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private plan(delayMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.run()
        .catch((error: unknown) => {
          this.log.error({ job: this.constructor.name, err: error }, 'periodic job failed');
          return this.intervalMs;
        })
        .then((pauseMs) => this.plan(pauseMs));
    }, delayMs);
  }
}

import { BackgroundJob, type JobOptions, type RunResult } from '#libs/background';
import type { Log } from '#libs/service';

/** A job of this service. It ends before the relay of the outbox does: what the last run wrote is still sent. */
export abstract class Periodic {
  private readonly job: BackgroundJob;

  protected constructor(
    protected readonly log: Log,
    pauses: Pick<JobOptions, 'firstAfterMs' | 'intervalMs' | 'moreAfterMs'>,
  ) {
    const onFailure = (err: unknown) => log.error({ job: this.constructor.name, err }, 'periodic job failed');
    this.job = new BackgroundJob(() => this.run(), { firstAfterMs: pauses.intervalMs, ...pauses, onFailure });
  }

  /** One run. */
  abstract run(): Promise<RunResult>;

  onApplicationBootstrap(): void {
    this.job.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.job.stop();
  }
}

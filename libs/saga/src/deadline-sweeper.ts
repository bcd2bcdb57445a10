import { Logger } from '@nestjs/common';
import { BackgroundJob } from '#libs/background';
import { isTransient } from '#libs/database';

/** What is swept: a SagaEngine of any saga. */
interface Swept {
  readonly name: string;
  sweep(): Promise<number>;
}

/** Lets passed deadlines act, every `intervalMs`. Register it as a provider: Nest starts and stops it. */
export class DeadlineSweeper {
  private readonly logger = new Logger(DeadlineSweeper.name);
  private readonly job: BackgroundJob;

  constructor(
    private readonly saga: Swept,
    intervalMs = 1000,
  ) {
    const onFailure = (error: unknown) => this.report(error);
    this.job = new BackgroundJob(() => this.sweep(), { intervalMs, firstAfterMs: intervalMs, onFailure });
  }

  onApplicationBootstrap(): void {
    this.job.start();
  }

  /** Waits for the sweep that runs; the relay of the outbox still sends its commands. */
  onModuleDestroy(): Promise<void> {
    return this.job.stop();
  }

  private async sweep(): Promise<void> {
    const expired = await this.saga.sweep();
    if (expired > 0) this.logger.log({ saga: this.saga.name, expired }, 'deadlines passed');
  }

  /** The next sweep tries again; one instance that cannot be moved was put back behind the others. */
  private report(error: unknown): void {
    if (isTransient(error)) this.logger.warn(`deadlines of ${this.saga.name} wait for the database`);
    else this.logger.error(error);
  }
}

import { Logger } from '@nestjs/common';
import { isTransient } from '#libs/database';

/** What is swept: a SagaEngine of any saga. */
interface Swept {
  readonly name: string;
  sweep(): Promise<number>;
}

/** Lets passed deadlines act, every `intervalMs`. Register it as a provider: Nest starts and stops it. */
export class DeadlineSweeper {
  private readonly logger = new Logger(DeadlineSweeper.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly saga: Swept,
    private readonly intervalMs = 1000,
  ) {}

  onApplicationBootstrap(): void {
    this.plan();
  }

  /** Waits for the sweep that runs; no other begins. */
  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private plan(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = this.sweep().finally(() => this.plan());
    }, this.intervalMs);
  }

  private async sweep(): Promise<void> {
    try {
      const expired = await this.saga.sweep();
      if (expired > 0) this.logger.log({ saga: this.saga.name, expired }, 'deadlines passed');
    } catch (error) {
      // The next sweep tries again; one instance that cannot be moved was put back behind the others.
      if (isTransient(error)) this.logger.warn(`deadlines of ${this.saga.name} wait for the database`);
      else this.logger.error(error);
    }
  }
}

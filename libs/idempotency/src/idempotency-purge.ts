import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { BackgroundJob } from '#libs/background';
import { IdempotencyKeysStore } from './idempotency-keys.store.js';

const INTERVAL_MS = 60_000;
const BATCH = 1_000;

/** Removes keys that have expired, in small steps, once a minute. */
@Injectable()
export class IdempotencyPurge implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('idempotency');
  private readonly job = new BackgroundJob((signal) => this.purge(signal), {
    ...{ intervalMs: INTERVAL_MS, firstAfterMs: INTERVAL_MS },
    onFailure: (error) => this.log.warn(`expired keys could not be removed: ${error}`),
  });

  constructor(private readonly keys: IdempotencyKeysStore) {}

  onApplicationBootstrap(): void {
    this.job.start();
  }

  /** Waits for the step at hand. */
  onModuleDestroy(): Promise<void> {
    return this.job.stop();
  }

  private async purge(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (await this.keys.purge(BATCH)) === BATCH);
  }
}

import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { IdempotencyKeysStore } from './idempotency-keys.store.js';

const INTERVAL_MS = 60_000;
const BATCH = 1_000;

/** Removes keys that have expired, in small steps, once a minute. */
@Injectable()
export class IdempotencyPurge implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('idempotency');
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly keys: IdempotencyKeysStore) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.purge();
    }, INTERVAL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  private async purge(): Promise<void> {
    try {
      while (!this.stopped && (await this.keys.purge(BATCH)) === BATCH);
    } catch (error) {
      this.log.warn(`expired keys could not be removed: ${error}`);
    }
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Log } from '#libs/service';
import { Reservations } from './reservations.js';

const INTERVAL_MS = 1000;
const BATCH = 100;

/**
 * Gives the units of expired reservations back, once a second. Replicas share the work: each skips what another has
 * locked. Batches keep the locks on stock rows short.
 */
@Injectable()
export class ExpirySweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly reservations: Reservations,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** Waits for the batch at hand; the database is still open here. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Expires all that is due now; resolves to their number. */
  async sweep(): Promise<number> {
    let total = 0;
    for (let expired = BATCH; expired === BATCH && !this.stopping.signal.aborted; total += expired) {
      expired = await this.reservations.expireDue(BATCH);
    }
    if (total > 0) this.log.info({ reservations: total }, 'reservations expired');
    return total;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      // The database may be away for a while: the reservations are still there, and due, when it is back.
      await this.sweep().catch((error: unknown) => this.log.warn({ err: error }, 'expired reservations remain'));
      await delay(INTERVAL_MS, undefined, { signal: this.stopping.signal }).catch(() => {});
    }
  }
}

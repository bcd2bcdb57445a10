import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundJob } from '#libs/background';
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
  private readonly job: BackgroundJob;

  constructor(
    private readonly reservations: Reservations,
    private readonly log: Log,
  ) {
    const sweep = async (signal: AbortSignal) => {
      await this.sweep(signal);
    };
    // The database may be away for a while: the reservations are still there, and due, when it is back.
    const onFailure = (err: unknown) => this.log.warn({ err }, 'expired reservations remain');
    this.job = new BackgroundJob(sweep, { intervalMs: INTERVAL_MS, onFailure });
  }

  onApplicationBootstrap(): void {
    this.job.start();
  }

  /** Waits for the batch at hand; the database is still open here. */
  beforeApplicationShutdown(): Promise<void> {
    return this.job.stop();
  }

  /** Expires all that is due now; resolves to their number. */
  async sweep(signal?: AbortSignal): Promise<number> {
    let total = 0;
    for (let expired = BATCH; expired === BATCH && !signal?.aborted; total += expired) {
      expired = await this.reservations.expireDue(BATCH);
    }
    if (total > 0) this.log.info({ reservations: total }, 'reservations expired');
    return total;
  }
}

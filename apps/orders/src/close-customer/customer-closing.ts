import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CustomerClosedSchema } from '#libs/contracts';
import { Database, isTransient } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { Log } from '#libs/service';
import { PlaceOrderProcess } from '../place-order/place-order.process.js';
import { ClosedCustomersStore } from './closed-customers.store.js';

const INTERVAL_MS = 500;
const AFTER_FAILURE_MS = 5_000;

/**
 * Brings closed customers to their end: cancels what can be cancelled, waits for what cannot, then forgets what is
 * personal and answers. Looks again and again rather than listening to each order's end: a customer without open orders
 * is as good as one with many, and nothing is lost when a replica dies.
 */
@Injectable()
export class CustomerClosing implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly customers: ClosedCustomersStore,
    private readonly process: PlaceOrderProcess,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** Waits for the customer at hand; the database is still open here. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const failed = await this.look().catch((error: unknown) => this.failed(error));
      const pause = failed ? AFTER_FAILURE_MS : INTERVAL_MS;
      await delay(pause, undefined, { signal: this.stopping.signal }).catch(() => {});
    }
  }

  /** Resolves to true when a customer could not be brought further; the others were all the same. */
  private async look(): Promise<boolean> {
    let failed = false;
    for (const customerId of await this.customers.waiting()) {
      if (this.stopping.signal.aborted) break;
      await this.advance(customerId).catch((error: unknown) => {
        failed = this.failed(error);
      });
    }
    return failed;
  }

  private async advance(customerId: string): Promise<void> {
    const open = await this.customers.openOrders(customerId);
    // Each in a transaction of its own: none waits for the locks of the others. Asking again changes nothing.
    for (const orderId of open) await this.process.saga.cancel(orderId);
    if (open.length === 0) await this.database.transaction(() => this.end(customerId));
  }

  private async end(customerId: string): Promise<void> {
    if (!(await this.customers.lock(customerId))) return;
    await this.customers.forget(customerId);
    await this.outbox.publish(CustomerClosedSchema, { customerId });
    await this.customers.answered(customerId);
    this.database.afterCommit(() => this.log.info({}, 'customer closed'));
  }

  private failed(error: unknown): true {
    if (isTransient(error)) this.log.warn({ err: error }, 'closed customers wait for the database');
    else this.log.error({ err: error }, 'a customer could not be closed');
    return true;
  }
}

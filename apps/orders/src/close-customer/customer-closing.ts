import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundJob, type RunResult } from '#libs/background';
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
  private readonly job = new BackgroundJob((signal) => this.look(signal), {
    intervalMs: INTERVAL_MS,
    failedAfterMs: AFTER_FAILURE_MS,
    onFailure: (error) => this.report(error),
  });
  /** By customer, the orders whose cancellation was asked for: the answer is for good, and no other order can come. */
  private readonly asked = new Map<string, Set<string>>();

  constructor(
    private readonly database: Database,
    private readonly customers: ClosedCustomersStore,
    private readonly process: PlaceOrderProcess,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.job.start();
  }

  /** Waits for the customer at hand; the database is still open here. */
  beforeApplicationShutdown(): Promise<void> {
    return this.job.stop();
  }

  /** A customer who could not be brought further does not hold up the others. */
  private async look(signal: AbortSignal): Promise<RunResult> {
    let result: RunResult = 'done';
    const waiting = await this.customers.waiting();
    for (const customerId of this.asked.keys()) if (!waiting.includes(customerId)) this.asked.delete(customerId);
    for (const customerId of waiting) {
      if (signal.aborted) break;
      await this.advance(customerId).catch((error: unknown) => {
        this.report(error);
        result = 'failed';
      });
    }
    return result;
  }

  private async advance(customerId: string): Promise<void> {
    const open = await this.customers.openOrders(customerId);
    const asked = this.asked.get(customerId) ?? new Set();
    this.asked.set(customerId, asked);
    for (const orderId of open.filter((id) => !asked.has(id))) {
      // In a transaction of its own: none waits for the locks of the others. Another replica may ask too: it changes nothing.
      await this.process.saga.cancel(orderId);
      asked.add(orderId);
    }
    if (open.length === 0) await this.database.transaction(() => this.end(customerId));
  }

  private async end(customerId: string): Promise<void> {
    if (!(await this.customers.lock(customerId))) return;
    await this.customers.forget(customerId);
    await this.outbox.publish(CustomerClosedSchema, { customerId });
    await this.customers.answered(customerId);
    this.database.afterCommit(() => this.log.info({}, 'customer closed'));
  }

  private report(error: unknown): void {
    if (isTransient(error)) this.log.warn({ err: error }, 'closed customers wait for the database');
    else this.log.error({ err: error }, 'a customer could not be closed');
  }
}

import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database, type Listener } from '#libs/database';
import { isTerminal, type Order } from '../order.js';
import { OrderStore } from '../order.store.js';
import { coalesce } from './coalesce.js';

const CHANNEL = 'orders_changed';
/** NOTIFY is a hint that can get lost with its connection: this is how late a change can be seen then. */
const POLL_MS = 1000;

interface Bell {
  readonly orderId: string;
  /** The last change that was read. */
  seen: number;
  ring(): void;
}

/** Lets those who wait for an order know of its changes, on every replica. */
@Injectable()
export class OrderChanges implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(OrderChanges.name);
  private readonly bells = new Set<Bell>();
  private readonly stopping = new AbortController();
  private readonly look = coalesce(() => this.ringChanged());
  // A lost notification costs watchers one poll.
  private readonly notify = coalesce(() => this.database.notify(CHANNEL).catch(() => {}));
  private listener: Listener | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly orders: OrderStore,
  ) {}

  onApplicationBootstrap(): void {
    this.listener = this.database.listen(CHANNEL, this.look);
    this.timer = setInterval(this.look, POLL_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.listener?.close();
  }

  /** Tells all replicas that an order changed, once the running transaction has committed. */
  announce(): void {
    this.database.afterCommit(this.notify);
  }

  /** The order after each change beyond `after`, until it is terminal, `signal` aborts or this replica stops. */
  async *follow(orderId: string, after: number, signal: AbortSignal): AsyncGenerator<Order> {
    const bell = this.hang(orderId, after);
    const end = AbortSignal.any([signal, this.stopping.signal]);
    end.addEventListener('abort', () => bell.ring(), { once: true });
    try {
      while (!end.aborted) {
        const heard = bell.next();
        for (const order of await this.orders.changesAfter(orderId, bell.seen)) {
          bell.seen = order.sequence;
          yield order;
          if (isTerminal(order.status.state)) return;
        }
        if (!end.aborted) await heard;
      }
    } finally {
      this.bells.delete(bell);
    }
  }

  private hang(orderId: string, seen: number): Bell & { next(): Promise<void> } {
    let ring = () => {};
    const bell = {
      orderId,
      seen,
      ring: () => ring(),
      // Made before the order is read: a change between reading and waiting is not missed.
      next: () =>
        new Promise<void>((resolve) => {
          ring = resolve;
        }),
    };
    this.bells.add(bell);
    return bell;
  }

  private async ringChanged(): Promise<void> {
    if (this.bells.size === 0) return;
    const seen = new Map<string, number>();
    for (const bell of this.bells) seen.set(bell.orderId, Math.min(bell.seen, seen.get(bell.orderId) ?? bell.seen));
    try {
      const changed = new Set(await this.orders.changed(seen));
      for (const bell of this.bells) if (changed.has(bell.orderId)) bell.ring();
    } catch (error) {
      this.logger.warn(error);
    }
  }
}

import { until } from '#libs/testing';
import type { Account, Shop } from '../e2e/shop.js';
import { OrderLoad } from '../faults/order-load.js';

/** What is offered in every test of this folder that breaks something: most pay, some make trouble. */
const PAYMENT_METHODS = ['pm_card_visa', 'pm_card_visa', 'pm_card_timeoutThenSuccess', 'pm_card_chargeDeclined'];

/** Orders over HTTP while something happens to the store, and what became of each. */
export class ComposedOrders {
  static async begin(shop: Shop): Promise<ComposedOrders> {
    const sku = await shop.product(1_000_000);
    const buyers = await Promise.all(Array.from({ length: 8 }, () => shop.signUp()));
    return new ComposedOrders(shop, sku, buyers);
  }

  private constructor(
    private readonly shop: Shop,
    private readonly sku: string,
    private readonly buyers: readonly Account[],
  ) {}

  /** Places so many orders, and lets `fault` happen when 80 of them were accepted. Resolves when each submit has its answer. */
  async place(count: number, fault: () => Promise<void>): Promise<OrderLoad> {
    const load = new OrderLoad({
      ...{ url: this.shop.url, buyers: this.buyers, sku: this.sku },
      ...{ concurrency: 12, thinkMs: 300, most: count, paymentMethods: PAYMENT_METHODS },
    });
    try {
      await until(() => load.accepted.length >= 80, { timeout: 300_000, what: '80 accepted orders' });
      await fault();
      await until(() => load.accepted.length >= count, { timeout: 300_000, what: `${count} accepted orders` });
    } finally {
      await load.stop();
    }
    return load;
  }

  /**
   * Waits until every accepted order has ended and gives the seconds that it took. @throws naming those that are still
   * PENDING after `limitSeconds`
   */
  async ended(load: OrderLoad, limitSeconds: number): Promise<number> {
    const begin = performance.now();
    const open = new Map(load.submits.flatMap(({ buyer, orderIds }) => [...orderIds].map((id) => [id, buyer.token])));
    const look = async () => {
      for (const [id, token] of [...open]) {
        if ((await this.shop.order(token, id)).state === 'PENDING') return false;
        open.delete(id);
      }
      return open.size === 0;
    };
    const what = () => `${open.size} orders to end: ${[...open.keys()].join(' ')}`;
    await until(look, { timeout: limitSeconds * 1000, interval: 500, what: 'orders to end' }).catch((error: Error) => {
      throw new Error(`${error.message}; still ${what()}`);
    });
    return Math.round((performance.now() - begin) / 1000);
  }
}

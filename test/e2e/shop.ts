import { until } from '#libs/testing';
import { ShopClient } from './shop-client.js';

export { type Account, type Answer, expectStatus, textIn } from './shop-client.js';

/** The client of tests: it also waits. */
export class Shop extends ShopClient {
  /** The order once it is no longer PENDING. */
  ended(token: string, id: string, timeout = 30_000): Promise<Readonly<Record<string, unknown>>> {
    const look = async () => {
      const order = await this.order(token, id);
      return order.state !== 'PENDING' && order;
    };
    return until(look, { timeout, what: `order ${id} to end` });
  }
}

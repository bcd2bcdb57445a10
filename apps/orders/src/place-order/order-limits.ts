import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { ORDERS_CONFIG, type OrdersConfig } from '../config.js';
import { OrderStore } from '../order.store.js';
import type { WantedLine } from './price-lines.js';

/** Keeps one customer from hoarding stock with orders that are never paid for. */
@Injectable()
export class OrderLimits {
  constructor(
    private readonly orders: OrderStore,
    @Inject(ORDERS_CONFIG) private readonly config: OrdersConfig,
  ) {}

  /**
   * Throws RESERVATION_LIMIT when the customer's open orders hold too much already. Orders that are accepted at the same
   * moment do not see each other: the limit is exceeded by them at most, which costs less than a lock per customer.
   */
  async check(customerId: string, wanted: readonly WantedLine[]): Promise<void> {
    const open = await this.orders.holdings(
      customerId,
      wanted.map((line) => line.sku),
    );
    if (open.orders >= this.config.OPEN_ORDERS_LIMIT)
      throw new DomainError('RESERVATION_LIMIT', { retryAfterSeconds: 5 });
    const over = wanted.findIndex(
      ({ sku, quantity }) => (open.units.get(sku) ?? 0) + quantity > this.config.OPEN_UNITS_LIMIT,
    );
    if (over < 0) return;
    const description = `all your open orders together may hold ${this.config.OPEN_UNITS_LIMIT} units of a product`;
    throw new DomainError('RESERVATION_LIMIT', {
      violations: [{ field: `lines[${over}].quantity`, description }],
      retryAfterSeconds: 5,
    });
  }
}

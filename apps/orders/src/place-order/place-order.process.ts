import { Inject, Injectable } from '@nestjs/common';
import { OrderPlacedSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Outbox } from '#libs/messaging';
import { SagaEngine } from '#libs/saga';
import { ClosedCustomersStore } from '../close-customer/closed-customers.store.js';
import { ORDERS_CONFIG, type OrdersConfig } from '../config.js';
import { type Order, REJECTION_REASONS } from '../order.js';
import { lineToProto } from '../order.proto.js';
import { OrderEnding } from './order-ending.js';
import type { PlaceOrderData } from './place-order.commands.js';
import { placeOrderSaga } from './place-order.saga.js';

/** Runs place-order for accepted orders. Add new versions of the table beside the old ones. */
@Injectable()
export class PlaceOrderProcess {
  readonly saga: SagaEngine<PlaceOrderData>;

  constructor(
    database: Database,
    private readonly outbox: Outbox,
    ending: OrderEnding,
    private readonly closed: ClosedCustomersStore,
    @Inject(ORDERS_CONFIG) private readonly config: OrdersConfig,
  ) {
    this.saga = new SagaEngine({
      service: 'orders',
      database: database.withTables(),
      outbox,
      tables: [placeOrderSaga],
      refusals: REJECTION_REASONS,
      finish: (orderId, end) => ending.finish(orderId, end),
    });
  }

  /** Runs in the transaction that accepts the order. Throws ACCOUNT_CLOSED for a customer whose account is deleted. */
  async begin(order: Order, paymentMethod: string): Promise<void> {
    const { id: orderId, customerId, total } = order;
    if (!(await this.closed.admits(customerId))) throw new DomainError('ACCOUNT_CLOSED');
    await this.outbox.publish(OrderPlacedSchema, { orderId, customerId, lines: order.lines.map(lineToProto), total });
    const data: PlaceOrderData = {
      ...{ orderId, customerId, paymentMethod },
      lines: order.lines.map(({ sku, quantity }) => ({ sku, quantity })),
      total: { currencyCode: total.currencyCode, minorUnits: String(total.minorUnits) },
      reservationTtlSeconds: this.config.RESERVATION_TTL,
    };
    await this.saga.start(orderId, data, this.config.ORDERS_DEADLINE);
  }
}

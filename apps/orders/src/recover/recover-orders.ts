import { createHash } from 'node:crypto';
import type { OrderPlaced } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { Past, Recovery } from '#libs/recovery';
import { adoptSaga, stateAfter } from '#libs/saga';
import { acceptOrder, moveOrder, type Order } from '../order.js';
import { OrderStore } from '../order.store.js';
import type { PlaceOrderData } from '../place-order/place-order.commands.js';
import { placeOrderSaga } from '../place-order/place-order.saga.js';
import { RefundStore } from '../refund-order/refund.store.js';
import { type OrderPast, orderPast, sagaEndOf } from './order-past.js';
import { RecoverRefunds } from './recover-refunds.js';

const TOPICS = ['orders.order.v1', 'inventory.commands.v1', 'payments.commands.v1'];

export interface Terms {
  readonly deadlineSeconds: number;
  readonly reservationTtlSeconds: number;
}

interface Counts {
  placed: number;
  ended: number;
  moved: number;
  refunds: number;
}

/**
 * Writes what a restored database does not know any more: orders that were placed, ends that they came to, and how far the
 * others had got. What is left is brought by the replies that come again.
 */
export class RecoverOrders {
  private readonly orders: OrderStore;
  private readonly refunds: RecoverRefunds;

  constructor(
    private readonly database: Database,
    private readonly terms: Terms,
  ) {
    const refunds = new RefundStore(database.withTables());
    this.orders = new OrderStore(database.withTables(), refunds);
    this.refunds = new RecoverRefunds(database, this.orders, refunds);
  }

  async run({ past, say }: Pick<Recovery, 'past' | 'say'>): Promise<Counts> {
    const counts: Counts = { placed: 0, ended: 0, moved: 0, refunds: 0 };
    for (const [id, messages] of await past(TOPICS)) await this.recover(id, messages, counts);
    const { placed, ended, moved, refunds } = counts;
    say(`${placed} orders and ${refunds} refunds were missing, ${ended} orders had ended, ${moved} had got further`);
    return counts;
  }

  private recover(id: string, messages: readonly Past[], counts: Counts): Promise<void> {
    const past = orderPast(messages);
    return this.database.transaction(async () => {
      const known = await this.orders.find(id);
      // Commands about customers are keyed by the customer; an order that was placed earlier is in the backup.
      const order = known ?? (past.placed && (await this.place(past.placed)));
      if (!order) return;
      if (!known) counts.placed++;
      if (await this.end(order, past)) counts.ended++;
      if (await this.adopt(order, past)) counts.moved++;
      for (const refund of past.refunds) if (await this.refunds.recover(refund)) counts.refunds++;
    });
  }

  /** Without its Idempotency-Key, which no message carries. */
  private async place({ content, time }: NonNullable<OrderPast['placed']>): Promise<Order> {
    const order = acceptOrder(orderOf(content), { now: time });
    const fingerprint = createHash('sha256').update(`recovered ${order.id}`).digest();
    if (!(await this.orders.insert(order, { idempotencyKey: undefined, fingerprint })))
      throw new Error(`order ${order.id} is there and was not found`);
    return order;
  }

  private async end({ id, status }: Order, { end }: OrderPast): Promise<boolean> {
    if (!end || status.state !== 'PENDING') return false;
    const order = await this.orders.lock(id);
    await this.orders.saveMove(moveOrder(order, end.status, { now: end.time }), 'recovery');
    return true;
  }

  private adopt(order: Order, { end, sent }: OrderPast): Promise<boolean> {
    const { deadlineSeconds, reservationTtlSeconds } = this.terms;
    const state = sagaEndOf(end?.status ?? order.status) ?? stateAfter(placeOrderSaga, sent);
    const data: PlaceOrderData = {
      ...{ orderId: order.id, customerId: order.customerId, reservationTtlSeconds },
      lines: order.lines.map(({ sku, quantity }) => ({ sku, quantity })),
      total: { currencyCode: order.total.currencyCode, minorUnits: String(order.total.minorUnits) },
    };
    return adoptSaga(this.database.withTables(), placeOrderSaga, { id: order.id, data, state, deadlineSeconds });
  }
}

function orderOf({
  orderId: id,
  customerId,
  lines,
  total,
}: OrderPlaced): Pick<Order, 'id' | 'customerId' | 'lines' | 'total'> {
  if (!total) throw new Error(`OrderPlaced of ${id} has no total`);
  const none = { currencyCode: total.currencyCode, minorUnits: 0n };
  return {
    ...{ id, customerId, total: { currencyCode: total.currencyCode, minorUnits: total.minorUnits } },
    lines: lines.map(({ sku, title, quantity, unitPrice }) => ({ sku, title, quantity, unitPrice: unitPrice ?? none })),
  };
}

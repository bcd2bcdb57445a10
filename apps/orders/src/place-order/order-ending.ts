import type { DescMessage } from '@bufbuild/protobuf';
import { Injectable } from '@nestjs/common';
import { OrderCancelledSchema, OrderConfirmedSchema, OrderRejectedSchema } from '#libs/contracts';
import { Outbox, onceAbout } from '#libs/messaging';
import type { SagaEnd } from '#libs/saga';
import { Log } from '#libs/service';
import { isRejectionReason, moveOrder, type Order, type OrderStatus } from '../order.js';
import { reasonToProto } from '../order.proto.js';
import { OrderStore } from '../order.store.js';
import { OrderChanges } from '../watch-order/order-changes.js';

/** Which state the end of place-order means. */
export function statusAfter(end: SagaEnd): OrderStatus {
  if (end.phase === 'completed') return { state: 'CONFIRMED' };
  const { cause } = end;
  if (cause.kind === 'cancelled') return { state: 'CANCELLED' };
  if (cause.kind === 'deadline') return { state: 'REJECTED', reason: 'EXPIRED' };
  if (!isRejectionReason(cause.reason))
    throw new Error(`"${cause.step}" was refused for no known reason: ${cause.reason}`);
  return { state: 'REJECTED', reason: cause.reason };
}

/** Brings the end of place-order home: the order's last change and the event that tells of it. */
@Injectable()
export class OrderEnding {
  constructor(
    private readonly orders: OrderStore,
    private readonly outbox: Outbox,
    private readonly changes: OrderChanges,
    private readonly log: Log,
  ) {}

  /** Runs in the transaction that ends the saga. */
  async finish(orderId: string, end: SagaEnd): Promise<void> {
    const order = moveOrder(await this.orders.lock(orderId), statusAfter(end), { now: new Date() });
    await this.orders.saveMove(order, end.phase === 'completed' ? end.phase : end.cause.kind);
    await this.publish(order);
    this.changes.announce();
    this.log.info({ orderId, ...order.status }, 'order ended');
  }

  private async publish({ id: orderId, status }: Order): Promise<void> {
    const once = (message: DescMessage) => ({ id: onceAbout(message, orderId) });
    if (status.state === 'CONFIRMED')
      await this.outbox.publish(OrderConfirmedSchema, { orderId }, once(OrderConfirmedSchema));
    else if (status.state === 'CANCELLED')
      await this.outbox.publish(OrderCancelledSchema, { orderId }, once(OrderCancelledSchema));
    else
      await this.outbox.publish(
        OrderRejectedSchema,
        { orderId, reason: reasonToProto(status) },
        once(OrderRejectedSchema),
      );
  }
}

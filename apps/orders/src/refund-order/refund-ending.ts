import { Injectable } from '@nestjs/common';
import { OrderRefundedSchema } from '#libs/contracts';
import { Outbox, onceAbout } from '#libs/messaging';
import type { SagaEnd } from '#libs/saga';
import { Log } from '#libs/service';
import { OrderStore } from '../order.store.js';
import { endRefund, isRefundRejection, type RefundStatus, refundedOf } from './refund.js';
import { RefundStore } from './refund.store.js';

/** Which state the end of refund-order means. */
function refundStatusAfter(end: SagaEnd): RefundStatus {
  if (end.phase === 'completed') return { state: 'SUCCEEDED' };
  const { cause } = end;
  if (cause.kind !== 'refused' || !isRefundRejection(cause.reason)) {
    throw new Error(`a refund cannot end by ${JSON.stringify(cause)}`);
  }
  return { state: 'REJECTED', rejection: cause.reason };
}

/** Brings the end of refund-order home: the refund's last change and the event that tells of it. */
@Injectable()
export class RefundEnding {
  constructor(
    private readonly orders: OrderStore,
    private readonly refunds: RefundStore,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  /** Runs in the transaction that ends the saga. */
  async finish(refundId: string, end: SagaEnd): Promise<void> {
    const begun = await this.refunds.find(refundId);
    if (!begun) throw new Error(`there is no refund ${refundId}`);
    const order = await this.orders.lock(begun.orderId);
    const refund = endRefund(begun, refundStatusAfter(end), { now: new Date() });
    await this.refunds.saveEnd(refund);
    await this.orders.touch(order.id, refund.updateTime);
    const { orderId, amount, status } = refund;
    if (status.state === 'SUCCEEDED') {
      const refunds = order.refunds.map((one) => (one.id === refundId ? refund : one));
      const amountRefunded = refundedOf({ ...order, refunds });
      const id = onceAbout(OrderRefundedSchema, refundId);
      await this.outbox.publish(OrderRefundedSchema, { orderId, refundId, amount, amountRefunded }, { id });
    }
    const level = status.state === 'SUCCEEDED' ? 'info' : 'warn';
    this.log[level]({ orderId, refundId, ...status }, 'refund ended');
  }
}

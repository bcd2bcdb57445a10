import {
  Order_Reason,
  OrderCancelledSchema,
  OrderConfirmedSchema,
  type OrderPlaced,
  OrderPlacedSchema,
  OrderRejectedSchema,
  type RefundPayment,
  RefundPaymentSchema,
} from '#libs/contracts';
import type { Past } from '#libs/recovery';
import type { SagaEnd } from '#libs/saga';
import { type OrderStatus, REJECTION_REASONS } from '../order.js';

/** What messages tell of one order. */
export interface OrderPast {
  readonly placed?: { readonly content: OrderPlaced; readonly time: Date };
  readonly end?: { readonly status: OrderStatus; readonly time: Date };
  /** Types of the commands that were sent for it. */
  readonly sent: ReadonlySet<string>;
  readonly refunds: readonly { readonly command: RefundPayment; readonly time: Date }[];
}

/** The past of an order from its facts and commands, in any order of the topics. */
export function orderPast(messages: readonly Past[]): OrderPast {
  const placed = messages.flatMap((message) => {
    const content = message.as(OrderPlacedSchema);
    return content ? [{ content, time: message.time }] : [];
  })[0];
  const end = messages.flatMap((message) => {
    const status = endOf(message);
    return status ? [{ status, time: message.time }] : [];
  })[0];
  const refunds = messages.flatMap((message) => {
    const command = message.as(RefundPaymentSchema);
    return command ? [{ command, time: message.time }] : [];
  });
  return { ...(placed && { placed }), ...(end && { end }), refunds, sent: new Set(messages.map(({ type }) => type)) };
}

function endOf(message: Past): OrderStatus | undefined {
  if (message.as(OrderConfirmedSchema)) return { state: 'CONFIRMED' };
  if (message.as(OrderCancelledSchema)) return { state: 'CANCELLED' };
  const rejected = message.as(OrderRejectedSchema);
  if (!rejected) return undefined;
  const reason = REJECTION_REASONS.find((known) => Order_Reason[known] === rejected.reason);
  if (!reason) throw new Error(`order ${rejected.orderId} was rejected for ${rejected.reason}, which is not known`);
  return { state: 'REJECTED', reason };
}

/** The end of place-order that such an order has come to; undefined for one that is open. */
export function sagaEndOf(status: OrderStatus): SagaEnd | undefined {
  if (status.state === 'REJECTED') {
    const { reason } = status;
    if (reason === 'EXPIRED') return { phase: 'compensated', cause: { kind: 'deadline' } };
    return { phase: 'compensated', cause: { kind: 'refused', step: 'not known any more', reason } };
  }
  if (status.state === 'CANCELLED') return { phase: 'compensated', cause: { kind: 'cancelled' } };
  return status.state === 'CONFIRMED' ? { phase: 'completed' } : undefined;
}

/** What an order is and how it may change: pure rules, no I/O. */
import type { Money } from './money.js';
import type { Refund } from './refund-order/refund.js';

export const REJECTION_REASONS = ['OUT_OF_STOCK', 'PAYMENT_DECLINED', 'PAYMENT_UNAVAILABLE', 'EXPIRED'] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];
export const ORDER_STATES = ['PENDING', 'CONFIRMED', 'REJECTED', 'CANCELLED'] as const;
export type OrderState = (typeof ORDER_STATES)[number];

/** What may follow a state. A state with nothing behind it is terminal. */
const TRANSITIONS: Readonly<Record<OrderState, readonly OrderState[]>> = {
  PENDING: ['CONFIRMED', 'REJECTED', 'CANCELLED'],
  CONFIRMED: [],
  REJECTED: [],
  CANCELLED: [],
};

export interface OrderLine {
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  /** Fixed when the order was accepted. */
  readonly unitPrice: Money;
}

/** A state and, for a rejection, its reason. */
export type OrderStatus =
  | { readonly state: 'PENDING' | 'CONFIRMED' | 'CANCELLED' }
  | { readonly state: 'REJECTED'; readonly reason: RejectionReason };

export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  /** Money that goes back, in the order in which it was asked for. No state of the order: a refunded order stays sold. */
  readonly refunds: readonly Refund[];
  /** Number of the last change, 1 for a new order. */
  readonly sequence: number;
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** A new order, as it is accepted. */
export function acceptOrder(
  order: Pick<Order, 'id' | 'customerId' | 'lines' | 'total'>,
  { now }: { now: Date },
): Order {
  return { ...order, status: { state: 'PENDING' }, refunds: [], sequence: 1, createTime: now, updateTime: now };
}

/** The order after a change of state. Throws when the table does not know the move: terminal states stay. */
export function moveOrder(order: Order, to: OrderStatus, { now }: { now: Date }): Order {
  const from = order.status.state;
  if (!TRANSITIONS[from].includes(to.state)) throw new Error(`Order ${order.id} cannot go from ${from} to ${to.state}`);
  return { ...order, status: to, sequence: order.sequence + 1, updateTime: now };
}

export const isTerminal = (state: OrderState): boolean => TRANSITIONS[state].length === 0;

export const isRejectionReason = (text: string): text is RejectionReason =>
  REJECTION_REASONS.some((reason) => reason === text);

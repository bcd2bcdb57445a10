/** What a refund is and how it may change: pure rules, no I/O. */
import { DomainError } from '#libs/errors';
import type { Money } from '../money.js';

export type RefundReason =
  | 'REQUESTED_BY_CUSTOMER'
  | 'NOT_DELIVERED'
  | 'NOT_AS_DESCRIBED'
  | 'DUPLICATE'
  | 'FRAUDULENT'
  | 'GOODWILL';
const REJECTIONS = ['DECLINED', 'NOT_REFUNDABLE'] as const;
export type RefundRejection = (typeof REJECTIONS)[number];
export type RefundState = 'PENDING' | 'SUCCEEDED' | 'REJECTED';

/** A state and, for a rejection, its reason. */
export type RefundStatus =
  | { readonly state: 'PENDING' | 'SUCCEEDED' }
  | { readonly state: 'REJECTED'; readonly rejection: RefundRejection };

export interface Refund {
  readonly id: string;
  readonly orderId: string;
  /** 1 for the order's first. */
  readonly number: number;
  readonly amount: Money;
  readonly reason: RefundReason;
  readonly status: RefundStatus;
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** What a refund needs to know of its order. */
export interface Refundable {
  readonly id: string;
  readonly status: { readonly state: string };
  readonly total: Money;
  readonly refunds: readonly Refund[];
}

export interface WantedRefund {
  readonly id: string;
  /** Default: all that is left. */
  readonly amount: Money | undefined;
  readonly reason: RefundReason;
}

const sum = (refunds: readonly Refund[]) => refunds.reduce((total, { amount }) => total + amount.minorUnits, 0n);

/** What of the order's total neither went back nor may still do so. */
export const restOf = ({ total, refunds }: Refundable): bigint =>
  total.minorUnits - sum(refunds.filter(({ status }) => status.state !== 'REJECTED'));

/** What has gone back. */
export const refundedOf = ({ total, refunds }: Refundable): Money => ({
  currencyCode: total.currencyCode,
  minorUnits: sum(refunds.filter(({ status }) => status.state === 'SUCCEEDED')),
});

/**
 * A new refund of the order, PENDING. Throws ORDER_NOT_REFUNDABLE unless the order is CONFIRMED, VALIDATION_FAILED for
 * another currency, REFUND_EXCEEDS_REST for more than is left.
 */
export function requestRefund(order: Refundable, wanted: WantedRefund, { now }: { now: Date }): Refund {
  const { state } = order.status;
  if (state !== 'CONFIRMED') throw new DomainError('ORDER_NOT_REFUNDABLE', { metadata: { state } });
  const { currencyCode } = order.total;
  const rest = restOf(order);
  const amount = wanted.amount ?? { currencyCode, minorUnits: rest };
  if (amount.currencyCode !== currencyCode) {
    const description = `must be ${currencyCode}, the currency of the order`;
    throw new DomainError('VALIDATION_FAILED', { violations: [{ field: 'amount.currencyCode', description }] });
  }
  if (amount.minorUnits > rest || rest === 0n) {
    throw new DomainError('REFUND_EXCEEDS_REST', { metadata: { currencyCode, minorUnits: String(rest) } });
  }
  return {
    ...{ id: wanted.id, orderId: order.id, number: order.refunds.length + 1, amount, reason: wanted.reason },
    ...{ status: { state: 'PENDING' }, createTime: now, updateTime: now },
  };
}

/** The refund after its end. Throws for one that has ended already. */
export function endRefund(refund: Refund, status: RefundStatus, { now }: { now: Date }): Refund {
  const { state } = refund.status;
  if (state !== 'PENDING') throw new Error(`Refund ${refund.id} cannot go from ${state} to ${status.state}`);
  return { ...refund, status, updateTime: now };
}

export const REFUND_REJECTIONS: readonly string[] = REJECTIONS;
export const isRefundRejection = (text: string): text is RefundRejection => REFUND_REJECTIONS.includes(text);

import type { Amount, Payment } from '../payment.js';

export type RefundState = 'PENDING' | 'SUCCEEDED' | 'REJECTED';
export type RefundRejection = 'DECLINED' | 'NOT_CAPTURED' | 'EXCEEDS_CAPTURED';

/** A part of a captured payment that goes back, or the whole of it. SUCCEEDED and REJECTED are the end. */
export interface Refund {
  readonly id: string;
  readonly orderId: string;
  readonly amount: Amount;
  readonly state: RefundState;
  readonly rejection?: RefundRejection | undefined;
}

/**
 * Why the amount cannot be given back, whatever the provider would say; undefined where it can. `promised`: the sum of
 * the payment's refunds that succeeded or may still succeed.
 */
export function rejectionOf(
  payment: Payment | undefined,
  amount: Amount,
  promised: bigint,
): RefundRejection | undefined {
  if (payment?.state !== 'SUCCEEDED' || payment.amount.currencyCode !== amount.currencyCode) return 'NOT_CAPTURED';
  return amount.minorUnits > payment.amount.minorUnits - promised ? 'EXCEEDS_CAPTURED' : undefined;
}

import type { Payment, PaymentState } from '../src/payment.js';

/** A payment of 19.99 USD in this state. */
export const samplePayment = (state: PaymentState, more: Partial<Payment> = {}): Payment => ({
  id: 'p1',
  orderId: 'o1',
  customerId: 'c1',
  amount: { currencyCode: 'USD', minorUnits: 1999n },
  refunded: 0n,
  state,
  createdAt: new Date(0),
  updatedAt: new Date(0),
  ...more,
});

import type { InternalRow, Row } from '../row.js';

export const paymentsRows: Readonly<Record<string, Row | InternalRow>> = {
  'store.payments.v1.Payments.GetPayment': {
    for: 'owner',
    request: ({ orderId }) => ({ orderId }),
    other: 'NOT_FOUND',
  },
  'store.payments.v1.Payments.ListPayments': { internal: 'for services that act for a customer' },
};

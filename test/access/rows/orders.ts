import type { InternalRow, Row } from '../row.js';

const service = 'store.orders.v1.Orders';

export const ordersRows: Readonly<Record<string, Row | InternalRow>> = {
  [`${service}.PlaceOrder`]: {
    for: 'owner',
    request: ({ sku }) => ({ lines: [{ sku, quantity: 1 }], paymentMethod: 'pm_card_visa' }),
  },
  [`${service}.GetOrder`]: { for: 'owner', request: ({ orderId: id }) => ({ id }), other: 'NOT_FOUND' },
  [`${service}.ListOrders`]: { for: 'owner' },
  [`${service}.ListOrderHistory`]: { for: 'owner', request: ({ orderId }) => ({ orderId }), other: 'NOT_FOUND' },
  [`${service}.CancelOrder`]: {
    for: 'owner',
    request: ({ orderId: id }) => ({ id }),
    // It is confirmed: too late, which only its owner may know.
    allowed: 'FAILED_PRECONDITION',
    other: 'NOT_FOUND',
  },
  [`${service}.RefundOrder`]: {
    for: 'admin',
    request: ({ orderId: id }) => ({ id, amount: { currencyCode: 'USD', minorUnits: '1' }, reason: 'GOODWILL' }),
  },
  [`${service}.WatchOrder`]: { for: 'owner', request: ({ orderId: id }) => ({ id }), other: 'NOT_FOUND' },
};

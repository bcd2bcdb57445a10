import { randomUUID } from 'node:crypto';
import type { InternalRow, Row } from '../row.js';

const service = 'store.inventory.v1.Inventory';

export const inventoryRows: Readonly<Record<string, Row | InternalRow>> = {
  [`${service}.ListProducts`]: { for: 'anybody' },
  [`${service}.GetProduct`]: { for: 'anybody', request: ({ sku }) => ({ sku }) },
  [`${service}.CreateProduct`]: {
    for: 'admin',
    request: () => ({
      sku: `access-${randomUUID()}`.slice(0, 40),
      title: 'A thing',
      price: { currencyCode: 'USD', minorUnits: '100' },
    }),
  },
  [`${service}.UpdateProduct`]: {
    for: 'admin',
    request: ({ sku }) => ({ product: { sku, title: 'A better thing' }, updateMask: 'title' }),
  },
  [`${service}.GetProductStock`]: { for: 'admin', request: ({ sku }) => ({ sku }) },
  [`${service}.ListStockMovements`]: { for: 'admin', request: ({ sku }) => ({ sku }) },
  [`${service}.AdjustStock`]: {
    for: 'admin',
    request: ({ sku }) => ({ sku, warehouse: 'main', delta: 1, reason: 'delivery' }),
  },
};

import type { InternalRow, Row } from './row.js';
import { inventoryRows } from './rows/inventory.js';
import { operatorRows } from './rows/operator.js';
import { ordersRows } from './rows/orders.js';
import { paymentsRows } from './rows/payments.js';
import { usersRows } from './rows/users.js';

/** Every RPC of every service: whoever adds one says here who may call it. */
export const matrix: Readonly<Record<string, Row | InternalRow>> = {
  ...usersRows,
  ...inventoryRows,
  ...ordersRows,
  ...paymentsRows,
  ...operatorRows,
};

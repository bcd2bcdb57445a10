import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '#libs/database';
import { type FilterFields, filterCondition, Ordering, type PageOf, type PageRequest, readPage } from '#libs/listing';
import { ORDER_STATES, type Order, REJECTION_REASONS } from '../order.js';
import { OrderStore, type OrderTables } from '../order.store.js';

/** What a list of orders is asked for; empty texts ask for nothing. */
export interface OrderQuery {
  /** Whose orders; undefined: everybody's. */
  readonly customerId: string | undefined;
  readonly filter: string;
  readonly orderBy: string;
}

const ORDERING = new Ordering({
  fields: {
    createTime: { by: sql.ref('orders.created_at'), type: 'timestamptz' },
    updateTime: { by: sql.ref('orders.updated_at'), type: 'timestamptz' },
    total: { by: sql.ref('orders.total_minor_units'), type: 'int8' },
    id: { by: sql.ref('orders.id'), type: 'uuid' },
  },
  unique: 'id',
  otherwise: [{ field: 'createTime', direction: 'desc' }],
});

const FILTER_FIELDS: FilterFields = {
  state: { type: 'enum', by: sql.ref('orders.state'), values: ORDER_STATES },
  reason: { type: 'enum', by: sql.ref('orders.reason'), values: REJECTION_REASONS },
  createTime: { type: 'time', by: sql.ref('orders.created_at') },
  updateTime: { type: 'time', by: sql.ref('orders.updated_at') },
  'total.minorUnits': { type: 'integer', by: sql.ref('orders.total_minor_units') },
  'total.currencyCode': { type: 'text', by: sql.ref('orders.currency_code') },
  'lines.sku': {
    type: 'list',
    by: sql`ARRAY(SELECT order_lines.sku FROM order_lines WHERE order_lines.order_id = orders.id)`,
  },
  customerId: { type: 'text', by: sql.ref('orders.customer_id') },
};

/** Pages of orders. */
@Injectable()
export class OrderListStore {
  constructor(
    private readonly database: Database<OrderTables>,
    private readonly orders: OrderStore,
  ) {}

  /**
   * Whose orders they are is a condition beside the filter, never within it: no filter reaches another customer's.
   * Throws VALIDATION_FAILED on `orderBy` or `filter`.
   */
  async page({ customerId, filter, orderBy }: OrderQuery, page: PageRequest): Promise<PageOf<Order>> {
    const keys = ORDERING.keys(orderBy);
    const condition = filterCondition(filter, FILTER_FIELDS);
    let found = this.database.db.selectFrom('orders').selectAll();
    if (customerId !== undefined) found = found.where('customer_id', '=', customerId);
    if (condition) found = found.where(condition);
    const { rows, next } = await readPage(found, keys, page);
    return { rows: await this.orders.whole(rows), next };
  }
}

import { Injectable } from '@nestjs/common';
import type { Selectable } from 'kysely';
import { Database } from '#libs/database';
import type { OrderTables } from '../order.store.js';

export type HistoryRow = Selectable<OrderTables['order_history']>;

/** Every state that an order had and what brought it there. */
@Injectable()
export class OrderHistoryStore {
  constructor(private readonly database: Database<OrderTables>) {}

  async of(orderId: string): Promise<HistoryRow[]> {
    return this.database.db
      .selectFrom('order_history')
      .selectAll()
      .where('order_id', '=', orderId)
      .orderBy('sequence')
      .execute();
  }
}

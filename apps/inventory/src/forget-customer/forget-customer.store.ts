import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import type { InventoryTables } from '../tables.js';

@Injectable()
export class ForgetCustomerStore {
  constructor(private readonly database: Database<InventoryTables>) {}

  /** Takes the customer out of every reservation of theirs; resolves to the number of reservations. */
  async forget(customerId: string): Promise<number> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('reservations')
      .set({ customer_id: null })
      .where('customer_id', '=', customerId)
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows);
  }
}

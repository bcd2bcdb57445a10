import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import type { PaymentsTables } from '../tables.js';

/** Stands where a customer's id was. No user can have it: it is no uuid. */
const NOBODY = 'deleted';

@Injectable()
export class ForgetCustomerStore {
  constructor(private readonly database: Database<PaymentsTables>) {}

  /** Takes the customer out of every payment of theirs; resolves to the number of payments. */
  async forget(customerId: string): Promise<number> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('payments')
      .set({ customer_id: NOBODY })
      .where('customer_id', '=', customerId)
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows);
  }
}

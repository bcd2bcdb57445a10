import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';
import type { OrderTables } from '../order.store.js';
import type { RefundTables } from '../refund-order/refund.store.js';

/** The tables of migrations/0003_closed_customers.sql. */
interface Tables extends OrderTables, Pick<RefundTables, 'refunds'> {
  closed_customers: {
    customer_id: string;
    close_time: Generated<Date>;
    answer_time: Generated<Date | null>;
  };
}

/** Customers who order no more. Every method that locks belongs into a transaction. */
@Injectable()
export class ClosedCustomersStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  /** Whether orders of the customer are accepted; a yes holds until the transaction ends. */
  async admits(customerId: string): Promise<boolean> {
    const { rows } = await sql<{ open: boolean }>`SELECT admit_customer(${customerId}) AS open`.execute(
      this.database.db,
    );
    return rows[0]?.open === true;
  }

  /** Accepts no more orders of the customer, and has the closing answered, once more where it was answered before. */
  async close(customerId: string): Promise<void> {
    const { db } = this.database;
    await sql`SELECT pg_advisory_xact_lock(hashtext('customers of orders'), hashtext(${customerId}))`.execute(db);
    await db
      .insertInto('closed_customers')
      .values({ customer_id: customerId })
      .onConflict((conflict) => conflict.column('customer_id').doUpdateSet({ answer_time: null }))
      .execute();
  }

  /** Customers whose closing is not answered yet, oldest first. */
  async waiting(): Promise<string[]> {
    const rows = await this.database.db
      .selectFrom('closed_customers')
      .select('customer_id')
      .where('answer_time', 'is', null)
      .orderBy('close_time')
      .execute();
    return rows.map((row) => row.customer_id);
  }

  /** Takes the closing for this transaction; false when it is answered or another replica has it. */
  async lock(customerId: string): Promise<boolean> {
    const row = await this.database.db
      .selectFrom('closed_customers')
      .select('customer_id')
      .where('customer_id', '=', customerId)
      .where('answer_time', 'is', null)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Ids of the customer's orders that have not ended. */
  async openOrders(customerId: string): Promise<string[]> {
    const rows = await this.database.db
      .selectFrom('orders')
      .select('id')
      .where('customer_id', '=', customerId)
      .where('state', '=', 'PENDING')
      .execute();
    return rows.map((row) => row.id);
  }

  /**
   * Erases what the customer may have put into words: idempotency keys are free text, fingerprints are made of the
   * request. Neither is needed, since nothing of theirs is accepted again. The customer's id stays: the id of nobody.
   */
  async forget(customerId: string): Promise<void> {
    await this.database.db
      .updateTable('orders')
      .set({ idempotency_key: null, request_fingerprint: Buffer.alloc(0) })
      .where('customer_id', '=', customerId)
      .execute();
    await this.database.db
      .updateTable('refunds')
      .set({ idempotency_key: null, request_fingerprint: Buffer.alloc(0) })
      .where('requested_by', '=', customerId)
      .execute();
  }

  async answered(customerId: string): Promise<void> {
    await this.database.db
      .updateTable('closed_customers')
      .set({ answer_time: sql<Date>`now()` })
      .where('customer_id', '=', customerId)
      .execute();
  }
}

import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database } from '#libs/database';
import type { Payment } from './payment.js';
import { toPayment } from './payments.store.js';
import type { PaymentsTables } from './tables.js';

/** A payment on which a background job has something to do. */
export interface Due {
  readonly payment: Payment;
  readonly attempts: number;
  /** Trace of the command that left it. */
  readonly traceContext: Record<string, string>;
}

/** What background jobs have to do. Two replicas never get the same payment at the same time. */
@Injectable()
export class DueStore {
  constructor(private readonly database: Database<PaymentsTables>) {}

  /** Pending operations that are due, reserved for ten seconds. */
  claimRetries(limit: number): Promise<Due[]> {
    return this.claim('retry_at', { limit, seconds: 10 });
  }

  /** Final payments to compare with ledger and provider, reserved for a minute. */
  claimReconciliations(limit: number): Promise<Due[]> {
    return this.claim('reconcile_at', { limit, seconds: 60 });
  }

  /** Ends the comparisons of a payment, unless a refund has changed it since it was claimed: then it is due again. */
  async reconciled({ id, refunded }: Payment): Promise<void> {
    const payments = this.database.db.updateTable('payments').set({ reconcile_at: null });
    await payments.where('id', '=', id).where('refunded_minor_units', '=', refunded).execute();
  }

  /** Whether no refund has changed the payment since it was claimed. */
  async isAsClaimed({ id, refunded }: Payment): Promise<boolean> {
    const payments = this.database.db.selectFrom('payments').select('id').where('id', '=', id);
    return (await payments.where('refunded_minor_units', '=', refunded).executeTakeFirst()) !== undefined;
  }

  /** Payments that wait for the provider or hang in PROCESSING, and refunds, for longer than so many seconds. */
  async countStuck(seconds: number): Promise<number> {
    const { rows } = await sql<{ stuck: bigint }>`
      SELECT (SELECT count(*) FROM payments
          WHERE (pending IS NOT NULL OR state = 'PROCESSING') AND updated_at < now() - make_interval(secs => ${seconds}))
        + (SELECT count(*) FROM refunds
          WHERE state = 'PENDING' AND created_at < now() - make_interval(secs => ${seconds})) AS stuck
    `.execute(this.database.db);
    return Number(rows[0]?.stuck ?? 0n);
  }

  private async claim(
    column: 'retry_at' | 'reconcile_at',
    { limit, seconds }: { limit: number; seconds: number },
  ): Promise<Due[]> {
    const due = sql.ref(column);
    const attempts = column === 'retry_at' ? sql`attempts + 1` : sql`attempts`;
    const { rows } = await sql<Selectable<PaymentsTables['payments']>>`
      UPDATE payments SET ${due} = now() + make_interval(secs => ${seconds}), attempts = ${attempts}
      WHERE id = ANY(ARRAY(
        SELECT id FROM payments WHERE ${due} <= now() ORDER BY ${due} LIMIT ${limit} FOR UPDATE SKIP LOCKED))
      RETURNING *`.execute(this.database.db);
    return rows.flatMap((row) => {
      const payment = toPayment(row);
      return payment ? [{ payment, attempts: row.attempts, traceContext: row.trace_context }] : [];
    });
  }
}

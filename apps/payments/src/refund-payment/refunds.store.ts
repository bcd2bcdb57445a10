import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database } from '#libs/database';
import type { PaymentsTables } from '../tables.js';
import type { Refund } from './refund.js';

/** A refund whose result nobody knows yet, for the background job. */
export interface DueRefund {
  readonly refund: Refund;
  readonly attempts: number;
  /** Trace of the command that left it. */
  readonly traceContext: Record<string, string>;
}

/** Refunds in their table. Whoever changes one has locked the order's payment first. */
@Injectable()
export class RefundsStore {
  constructor(private readonly database: Database<PaymentsTables>) {}

  async insert({ id, orderId, amount, state, rejection }: Refund): Promise<void> {
    await this.database.db
      .insertInto('refunds')
      .values({
        id,
        order_id: orderId,
        currency_code: amount.currencyCode,
        minor_units: amount.minorUnits,
        state,
        rejection: rejection ?? null,
        retry_at: null,
      })
      .execute();
  }

  async find(id: string): Promise<Refund | undefined> {
    const row = await this.database.db.selectFrom('refunds').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toRefund(row);
  }

  /** What the refunds of the order have given back or may still give back, in the smallest unit of its currency. */
  async promised(orderId: string): Promise<bigint> {
    const { sum } = await this.database.db
      .selectFrom('refunds')
      .select(({ fn }) => fn.sum<string | null>('minor_units').as('sum'))
      .where('order_id', '=', orderId)
      .where('state', '<>', 'REJECTED')
      .executeTakeFirstOrThrow();
    return BigInt(sum ?? 0);
  }

  async hasPending(orderId: string): Promise<boolean> {
    const query = this.database.db.selectFrom('refunds').select('id').where('order_id', '=', orderId);
    return (await query.where('state', '=', 'PENDING').limit(1).executeTakeFirst()) !== undefined;
  }

  async end({ id, state, rejection }: Refund): Promise<void> {
    await this.database.db
      .updateTable('refunds')
      .set({ state, rejection: rejection ?? null, retry_at: null, updated_at: sql<Date>`now()` })
      .where('id', '=', id)
      .execute();
  }

  /** Lets the background job ask again from then on, in the trace that is given. */
  async retryIn(id: string, seconds: number, traceContext?: Record<string, string>): Promise<void> {
    await this.database.db
      .updateTable('refunds')
      .set({
        retry_at: sql<Date>`now() + make_interval(secs => ${seconds})`,
        ...(traceContext ? { trace_context: JSON.stringify(traceContext) } : {}),
      })
      .where('id', '=', id)
      .where('state', '=', 'PENDING')
      .execute();
  }

  /** Refunds that are due, reserved for ten seconds: two replicas never get the same one at the same time. */
  async claimDue(limit: number): Promise<DueRefund[]> {
    const { rows } = await sql<Selectable<PaymentsTables['refunds']>>`
      UPDATE refunds SET retry_at = now() + interval '10 seconds', attempts = attempts + 1
      WHERE id = ANY(ARRAY(
        SELECT id FROM refunds WHERE retry_at <= now() ORDER BY retry_at LIMIT ${limit} FOR UPDATE SKIP LOCKED))
      RETURNING *`.execute(this.database.db);
    return rows.map((row) => ({
      refund: toRefund(row),
      attempts: row.attempts,
      traceContext: row.trace_context,
    }));
  }
}

function toRefund(row: Selectable<PaymentsTables['refunds']>): Refund {
  const { id, state } = row;
  const amount = { currencyCode: row.currency_code, minorUnits: row.minor_units };
  return { id, orderId: row.order_id, amount, state, rejection: row.rejection ?? undefined };
}

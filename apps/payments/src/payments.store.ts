import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database } from '#libs/database';
import { type Amount, isFinal, type Payment } from './payment.js';
import type { PaymentsTables } from './tables.js';

export interface NewPayment {
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: Amount;
}

const EMPTY = { failure_reason: null, provider_payment_id: null, pending: null, retry_at: null, reconcile_at: null };

/** Payments in their table. An order that was closed before it had a payment has none, here and for ever. */
@Injectable()
export class PaymentsStore {
  constructor(private readonly database: Database<PaymentsTables>) {}

  /** The order's payment, PROCESSING where it is new; undefined when the order was closed first. */
  async begin({ orderId, customerId, amount }: NewPayment): Promise<Payment | undefined> {
    await this.database.db
      .insertInto('payments')
      .values({
        ...EMPTY,
        id: randomUUID(),
        order_id: orderId,
        customer_id: customerId,
        currency_code: amount.currencyCode,
        minor_units: amount.minorUnits,
        state: 'PROCESSING',
      })
      .onConflict((conflict) => conflict.column('order_id').doNothing())
      .execute();
    return this.find(orderId);
  }

  /** Sees to it that an order without a payment never gets one. */
  async close(orderId: string): Promise<void> {
    const nothing = { customer_id: null, currency_code: null, minor_units: null };
    await this.database.db
      .insertInto('payments')
      .values({ ...EMPTY, ...nothing, id: randomUUID(), order_id: orderId, state: 'CANCELED' })
      .onConflict((conflict) => conflict.column('order_id').doNothing())
      .execute();
  }

  async find(orderId: string): Promise<Payment | undefined> {
    return toPayment(await this.select(orderId).executeTakeFirst());
  }

  /** Payments of a customer by id, at most `limit`, those after `after`. */
  async ofCustomer(customerId: string, after: string | undefined, limit: number): Promise<Payment[]> {
    const all = this.database.db.selectFrom('payments').selectAll().where('customer_id', '=', customerId);
    const rows = await (after ? all.where('id', '>', after) : all).orderBy('id').limit(limit).execute();
    return rows.flatMap((row) => toPayment(row) ?? []);
  }

  /** Locked until the end of the transaction. */
  async lock(orderId: string): Promise<Payment | undefined> {
    return toPayment(await this.select(orderId).forUpdate().executeTakeFirst());
  }

  /**
   * Binds the payment to the provider's id, once. False when it has moved on: nothing may then be held under that id.
   */
  async bind(orderId: string, providerPaymentId: string): Promise<boolean> {
    const { rows } = await sql<{ bound: string }>`
      UPDATE payments SET provider_payment_id = ${providerPaymentId}
      WHERE order_id = ${orderId} AND state = 'PROCESSING'
        AND (provider_payment_id IS NULL OR provider_payment_id = ${providerPaymentId})
      RETURNING provider_payment_id AS bound`.execute(this.database.db);
    return rows.length === 1;
  }

  /** Writes what a move changes. A final payment is compared with ledger and provider ten seconds later. */
  async save(payment: Payment): Promise<void> {
    const { state, failureReason, pending } = payment;
    await this.database.db
      .updateTable('payments')
      .set({
        state,
        failure_reason: failureReason ?? null,
        pending: pending ?? null,
        ...(pending ? {} : { retry_at: null }),
        attempts: 0,
        ...(isFinal(state) ? { reconcile_at: sql<Date>`now() + interval '10 seconds'` } : {}),
        updated_at: sql<Date>`now()`,
      })
      .where('id', '=', payment.id)
      .execute();
  }

  /** Adds to what went back, and has the payment compared again ten seconds later. Gives the new sum. */
  async giveBack({ id }: Payment, minorUnits: bigint): Promise<bigint> {
    const { refunded } = await this.database.db
      .updateTable('payments')
      .set((eb) => ({
        refunded_minor_units: eb('refunded_minor_units', '+', minorUnits),
        reconcile_at: sql<Date>`now() + interval '10 seconds'`,
        updated_at: sql<Date>`now()`,
      }))
      .where('id', '=', id)
      .returning('refunded_minor_units as refunded')
      .executeTakeFirstOrThrow();
    return refunded;
  }

  /** Lets the background job finish the pending operation from then on, in the trace that is given. */
  async retryIn(orderId: string, seconds: number, traceContext?: Record<string, string>): Promise<void> {
    await this.database.db
      .updateTable('payments')
      .set({
        retry_at: sql<Date>`now() + make_interval(secs => ${seconds})`,
        ...(traceContext ? { trace_context: JSON.stringify(traceContext) } : {}),
      })
      .where('order_id', '=', orderId)
      .where('pending', 'is not', null)
      .execute();
  }

  private select(orderId: string) {
    return this.database.db.selectFrom('payments').selectAll().where('order_id', '=', orderId);
  }
}

export function toPayment(row: Selectable<PaymentsTables['payments']> | undefined): Payment | undefined {
  if (!row || row.customer_id === null || row.currency_code === null || row.minor_units === null) return undefined;
  return {
    id: row.id,
    orderId: row.order_id,
    customerId: row.customer_id,
    amount: { currencyCode: row.currency_code, minorUnits: row.minor_units },
    refunded: row.refunded_minor_units,
    state: row.state,
    failureReason: row.failure_reason ?? undefined,
    providerPaymentId: row.provider_payment_id ?? undefined,
    pending: row.pending ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { type Account, type EntryKind, type OrderEntry, postingsOf } from './ledger.js';
import type { Amount, Sums } from './payment.js';
import type { Refund } from './refund-payment/refund.js';
import type { PaymentsTables } from './tables.js';

/**
 * The append-only ledger. The database refuses what is off balance, a second hold, release or capture of an order, and a
 * second entry of a refund.
 */
@Injectable()
export class LedgerStore {
  constructor(private readonly database: Database<PaymentsTables>) {}

  async post(kind: OrderEntry, orderId: string, amount: Amount): Promise<void> {
    await this.enter({ order_id: orderId, kind, refund_id: null }, amount);
  }

  async postRefund({ id, orderId, amount }: Refund): Promise<void> {
    await this.enter({ order_id: orderId, kind: 'REFUND', refund_id: id }, amount);
  }

  /** Whether a hold of the order was posted and neither released nor captured. */
  async isHeld(orderId: string): Promise<boolean> {
    const rows = await this.database.db
      .selectFrom('ledger_transactions')
      .select('kind')
      .where('order_id', '=', orderId)
      .execute();
    return rows.length === 1 && rows[0]?.kind === 'HOLD';
  }

  /** What the accounts say about the order, in the smallest unit of its currency. */
  async sums(orderId: string): Promise<Sums> {
    const rows = await this.database.db
      .selectFrom('ledger_postings as posting')
      .innerJoin('ledger_transactions as entry', 'entry.id', 'posting.transaction_id')
      .select(({ fn }) => ['posting.account', fn.sum<string>('posting.minor_units').as('sum')])
      .where('entry.order_id', '=', orderId)
      .groupBy('posting.account')
      .execute();
    const balance = (account: Account) => BigInt(rows.find((row) => row.account === account)?.sum ?? 0);
    return { held: balance('provider_held'), captured: -balance('sales'), refunded: balance('refunds') };
  }

  /** The sum over all postings, by currency: 0 in a ledger that is whole. Reads all of it. */
  async balances(): Promise<{ currency: string; sum: number }[]> {
    const rows = await this.database.db
      .selectFrom('ledger_postings')
      .select(({ fn }) => ['currency_code as currency', fn.sum<string>('minor_units').as('sum')])
      .groupBy('currency_code')
      .execute();
    return rows.map(({ currency, sum }) => ({ currency, sum: Number(sum) }));
  }

  private async enter(
    entry: { order_id: string; kind: EntryKind; refund_id: string | null },
    amount: Amount,
  ): Promise<void> {
    const id = randomUUID();
    await this.database.db
      .insertInto('ledger_transactions')
      .values({ id, ...entry })
      .execute();
    await this.database.db
      .insertInto('ledger_postings')
      .values(
        postingsOf(entry.kind, amount).map((posting) => ({
          transaction_id: id,
          account: posting.account,
          currency_code: posting.amount.currencyCode,
          minor_units: posting.amount.minorUnits,
        })),
      )
      .execute();
  }
}

import { Injectable } from '@nestjs/common';
import type { Selectable } from 'kysely';
import { Database } from '#libs/database';
import type { PaymentsTables } from '../tables.js';

type Tables = Pick<PaymentsTables, 'ledger_transactions' | 'ledger_postings'>;
export type LedgerEntry = Selectable<Tables['ledger_transactions']> & {
  readonly postings: readonly Selectable<Tables['ledger_postings']>[];
};

/** What the ledger says about one order, entry by entry. */
@Injectable()
export class LedgerEntriesStore {
  constructor(private readonly database: Database<PaymentsTables>) {}

  /** Oldest first. */
  async of(orderId: string): Promise<LedgerEntry[]> {
    const entries = await this.database.db
      .selectFrom('ledger_transactions')
      .selectAll()
      .where('order_id', '=', orderId)
      .orderBy('created_at')
      .execute();
    const postings = await this.database.db
      .selectFrom('ledger_postings as posting')
      .innerJoin('ledger_transactions as entry', 'entry.id', 'posting.transaction_id')
      .selectAll('posting')
      .where('entry.order_id', '=', orderId)
      .orderBy('posting.id')
      .execute();
    const byEntry = Map.groupBy(postings, (posting) => posting.transaction_id);
    return entries.map((entry) => ({ ...entry, postings: byEntry.get(entry.id) ?? [] }));
  }
}

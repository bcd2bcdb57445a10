import { Injectable } from '@nestjs/common';
import type { ColumnType, Generated, Selectable } from 'kysely';
import { Database } from '#libs/database';
import type { Answer, Refund } from './answers.js';
import type { RefundBehaviour } from './behaviours.js';
import type { Change, Intent, Status } from './intent.js';

export interface BookTables {
  intents: {
    id: string;
    order_id: string;
    amount: bigint;
    currency: string;
    status: Generated<Status>;
    amount_held: Generated<bigint>;
    amount_captured: Generated<bigint>;
    amount_refunded: Generated<bigint>;
    refunds_behave: Generated<RefundBehaviour>;
    created_at: Generated<Date>;
  };
  movements: {
    id: Generated<bigint>;
    intent_id: string;
    kind: string;
    held: bigint;
    captured: bigint;
    refunded: Generated<bigint>;
  };
  refunds: {
    id: string;
    intent_id: string;
    idempotency_key: string;
    amount: bigint;
    status: Refund['status'];
    created_at: Generated<Date>;
  };
  idempotency_keys: {
    key: string;
    fingerprint: string;
    status: number | null;
    body: ColumnType<object | null, string | undefined, string>;
  };
  calls: {
    id: Generated<bigint>;
    operation: string;
    intent_id: string | null;
    idempotency_key: string;
    status: number;
    replayed: boolean;
  };
}

export interface Call {
  readonly operation: string;
  readonly intentId: string | undefined;
  readonly key: string;
  readonly status: number;
  readonly replayed: boolean;
}

/** The provider's book: the only file that knows its tables. */
@Injectable()
export class Book {
  constructor(private readonly database: Database<BookTables>) {}

  /** False when the key is taken. Waits for a transaction that is about to take it. */
  async claimKey(key: string, fingerprint: string): Promise<boolean> {
    const inserted = await this.database.db
      .insertInto('idempotency_keys')
      .values({ key, fingerprint })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows === 1n;
  }

  async keepAnswer(key: string, answer: Answer): Promise<void> {
    await this.database.db
      .updateTable('idempotency_keys')
      .set({ status: answer.status, body: JSON.stringify(answer.body) })
      .where('key', '=', key)
      .execute();
  }

  async keptAnswer(key: string): Promise<{ fingerprint: string; answer: Answer }> {
    const row = await this.database.db
      .selectFrom('idempotency_keys')
      .select(['fingerprint', 'status', 'body'])
      .where('key', '=', key)
      .executeTakeFirstOrThrow();
    if (row.status === null || row.body === null) throw new Error(`the key ${key} was committed without an answer`);
    return { fingerprint: row.fingerprint, answer: { status: row.status, body: row.body } };
  }

  async open(intent: { id: string; orderId: string; amount: bigint; currency: string }): Promise<Intent> {
    const row = await this.database.db
      .insertInto('intents')
      .values({ id: intent.id, order_id: intent.orderId, amount: intent.amount, currency: intent.currency })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toIntent(row);
  }

  async find(id: string): Promise<Intent | undefined> {
    const row = await this.database.db.selectFrom('intents').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toIntent(row);
  }

  /** Locked until the end of the transaction: operations on one intent happen one after the other. */
  async lock(id: string): Promise<Intent | undefined> {
    const query = this.database.db.selectFrom('intents').selectAll().where('id', '=', id).forUpdate();
    const row = await query.executeTakeFirst();
    return row && toIntent(row);
  }

  async ofOrder(orderId: string): Promise<Intent[]> {
    const rows = await this.database.db
      .selectFrom('intents')
      .selectAll()
      .where('order_id', '=', orderId)
      .orderBy('created_at')
      .limit(100)
      .execute();
    return rows.map(toIntent);
  }

  async apply(intent: Intent, change: Change): Promise<Intent> {
    const { status, movement } = change;
    const row = await this.database.db
      .updateTable('intents')
      .set({
        status,
        amount_held: status === 'requires_capture' ? intent.amount : 0n,
        amount_captured: status === 'succeeded' ? intent.amount : 0n,
      })
      .where('id', '=', intent.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    if (movement) {
      await this.database.db
        .insertInto('movements')
        .values({ intent_id: intent.id, ...movement })
        .execute();
    }
    return toIntent(row);
  }

  /** From now on refunds of this intent do that. */
  async letRefunds(id: string, behave: RefundBehaviour): Promise<void> {
    await this.database.db.updateTable('intents').set({ refunds_behave: behave }).where('id', '=', id).execute();
  }

  async refundsBehave(id: string): Promise<RefundBehaviour> {
    const query = this.database.db.selectFrom('intents').select('refunds_behave').where('id', '=', id);
    return (await query.executeTakeFirst())?.refunds_behave ?? 'well';
  }

  /** Writes a refund, and what it moves when it succeeded. The intent must be locked. */
  async giveBack({ id, intentId, amount, status }: Refund, key: string): Promise<void> {
    const { db } = this.database;
    await db.insertInto('refunds').values({ id, intent_id: intentId, idempotency_key: key, amount, status }).execute();
    if (status === 'failed') return;
    await db
      .updateTable('intents')
      .set((eb) => ({ amount_refunded: eb('amount_refunded', '+', amount) }))
      .where('id', '=', intentId)
      .execute();
    const movement = { intent_id: intentId, kind: 'refund', held: 0n, captured: 0n, refunded: amount };
    await db.insertInto('movements').values(movement).execute();
  }

  async countCalls(key: string): Promise<number> {
    const row = await this.database.db
      .selectFrom('calls')
      .select(({ fn }) => fn.countAll<string>().as('count'))
      .where('idempotency_key', '=', key)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  async log(call: Call): Promise<void> {
    const { operation, intentId, key, status, replayed } = call;
    await this.database.db
      .insertInto('calls')
      .values({ operation, intent_id: intentId ?? null, idempotency_key: key, status, replayed })
      .execute();
  }
}

function toIntent(row: Selectable<BookTables['intents']>): Intent {
  const { id, amount, currency, status } = row;
  const { order_id: orderId, amount_refunded: amountRefunded, created_at: createdAt } = row;
  return { id, orderId, amount, currency, status, amountRefunded, createdAt };
}

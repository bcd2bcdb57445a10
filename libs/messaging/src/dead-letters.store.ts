import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import type { MessagingTables } from './tables.js';

type Db = Kysely<MessagingTables>;
export type DeadLetter = Selectable<MessagingTables['dead_letters']>;

export interface ParkedKey {
  consumer: string;
  topic: string;
  key: string;
}

/**
 * Remembers a dead letter and parks its key; to be run in a transaction. A message that was dead-lettered twice (a crash
 * came between its topic and this table) keeps its first entry.
 */
export async function rememberDeadLetter(db: Db, letter: Insertable<MessagingTables['dead_letters']>): Promise<void> {
  const { consumer, topic, key } = letter;
  const parked = key ? { consumer, topic, key } : undefined;
  if (parked) {
    // Locks the row where there is one: see `unpark`.
    await sql`
      INSERT INTO parked_keys (consumer, topic, key) VALUES (${consumer}, ${topic}, ${key})
      ON CONFLICT (consumer, topic, key) DO UPDATE SET parked_at = parked_keys.parked_at`.execute(db);
  }
  const inserted = await db
    .insertInto('dead_letters')
    .values(letter)
    .onConflict((conflict) => conflict.doNothing())
    .returning('seq')
    .executeTakeFirst();
  // Its first entry may have been settled meanwhile: then the key must not stay parked with nothing that waits.
  if (parked && !inserted) await unpark(db, parked);
}

/** Keys whose messages are held back, oldest first, with the number of dead letters that wait. */
export async function parkedKeys(
  db: Db,
  consumer: string,
): Promise<(ParkedKey & { waiting: number; parkedAt: Date })[]> {
  const { rows } = await sql<ParkedKey & { waiting: number; parkedAt: Date }>`
    SELECT parked.consumer, parked.topic, parked.key, parked.parked_at AS "parkedAt", count(letter.seq)::int AS waiting
    FROM parked_keys AS parked LEFT JOIN dead_letters AS letter
      ON letter.consumer = parked.consumer AND letter.topic = parked.topic AND letter.key = parked.key
      AND letter.replayed_at IS NULL AND letter.discarded_at IS NULL
    WHERE parked.consumer = ${consumer}
    GROUP BY parked.consumer, parked.topic, parked.key ORDER BY parked.parked_at`.execute(db);
  return rows;
}

export async function markReplayed(db: Db, seq: bigint): Promise<void> {
  await db
    .updateTable('dead_letters')
    .set({ replayed_at: sql<Date>`clock_timestamp()` })
    .where('seq', '=', seq)
    .execute();
}

export async function markDiscarded(db: Db, seq: bigint): Promise<void> {
  await db
    .updateTable('dead_letters')
    .set({ discarded_at: sql<Date>`clock_timestamp()` })
    .where('seq', '=', seq)
    .execute();
}

/**
 * Lets messages of the key be handled again. False, and no change, while dead letters of it wait: they come first. Run
 * it in the transaction that settles the last one.
 */
export async function unpark(db: Db, { consumer, topic, key }: ParkedKey): Promise<boolean> {
  // A statement of its own: whoever is adding a dead letter of the key holds this row, and only a statement that begins
  // after it has committed sees that letter.
  await sql`
    SELECT FROM parked_keys WHERE consumer = ${consumer} AND topic = ${topic} AND key = ${key} FOR UPDATE`.execute(db);
  const { numAffectedRows } = await sql`
    DELETE FROM parked_keys WHERE consumer = ${consumer} AND topic = ${topic} AND key = ${key} AND NOT EXISTS (
      SELECT FROM dead_letters
      WHERE consumer = ${consumer} AND topic = ${topic} AND key = ${key}
        AND replayed_at IS NULL AND discarded_at IS NULL
    )`.execute(db);
  return numAffectedRows === 1n;
}

/** How many dead letters wait for a decision, and how many keys are held back behind them. */
export async function deadLetterBacklog(db: Db): Promise<{ waiting: number; parkedKeys: number }> {
  const { rows } = await sql<{ waiting: number; parkedKeys: number }>`
    SELECT
      (SELECT count(*)::int FROM dead_letters WHERE replayed_at IS NULL AND discarded_at IS NULL) AS waiting,
      (SELECT count(*)::int FROM parked_keys) AS "parkedKeys"`.execute(db);
  return rows[0] ?? { waiting: 0, parkedKeys: 0 };
}

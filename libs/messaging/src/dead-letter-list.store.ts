import { type Kysely, sql } from 'kysely';
import type { DeadLetter } from './dead-letters.store.js';
import type { MessagingTables } from './tables.js';

type Db = Kysely<MessagingTables>;

/** Which dead letters of a consumer; what is left out does not narrow. */
export interface DeadLetterFilter {
  readonly topic?: string;
  readonly key?: string;
  /** Also those that were replayed or discarded. */
  readonly settled?: boolean;
  /** Only those after this number. */
  readonly after?: bigint;
}

/** At most `limit` dead letters, in the order in which they were put aside. */
export async function listDeadLetters(
  db: Db,
  consumer: string,
  { limit, ...filter }: DeadLetterFilter & { limit: number },
): Promise<DeadLetter[]> {
  let query = db
    .selectFrom('dead_letters')
    .selectAll()
    .where('consumer', '=', consumer)
    .where('seq', '>', filter.after ?? 0n);
  if (filter.topic) query = query.where('topic', '=', filter.topic);
  if (filter.key) query = query.where('key', '=', filter.key);
  if (!filter.settled) query = query.where('replayed_at', 'is', null).where('discarded_at', 'is', null);
  return query.orderBy('seq').limit(limit).execute();
}

export async function findDeadLetter(db: Db, consumer: string, seq: bigint): Promise<DeadLetter | undefined> {
  return select(db, consumer, seq).executeTakeFirst();
}

/** The same, locked until the transaction ends: replays of one letter exclude each other. */
export async function lockDeadLetter(db: Db, consumer: string, seq: bigint): Promise<DeadLetter | undefined> {
  return select(db, consumer, seq).forUpdate().executeTakeFirst();
}

/** How many waiting dead letters of the same key come before this one. A letter without key waits for none. */
export async function lettersAhead(db: Db, letter: DeadLetter): Promise<number> {
  const { consumer, topic, key, partition, offset } = letter;
  if (!key) return 0;
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM dead_letters
    WHERE consumer = ${consumer} AND topic = ${topic} AND key = ${key} AND replayed_at IS NULL AND discarded_at IS NULL
      AND (partition, "offset") < (${partition}, ${offset})`.execute(db);
  return rows[0]?.count ?? 0;
}

function select(db: Db, consumer: string, seq: bigint) {
  return db.selectFrom('dead_letters').selectAll().where('consumer', '=', consumer).where('seq', '=', seq);
}

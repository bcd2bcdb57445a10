import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import { hash, SHARDS } from './shards.js';
import type { MessagingTables } from './tables.js';

type Db = Kysely<MessagingTables>;
export type OutboxRow = Selectable<MessagingTables['outbox']>;

export async function insertOutboxRow(db: Db, row: Insertable<MessagingTables['outbox']>): Promise<void> {
  await db.insertInto('outbox').values(row).execute();
}

/**
 * Takes shards that have rows and that no other relay of the service holds, until the end of the transaction. Must be a
 * statement of its own: reading rows in the same one would use a snapshot from before the lock, and see rows again that
 * the former holder has just sent.
 */
export async function lockShards(db: Db, service: string): Promise<number[]> {
  // Advisory locks belong to the whole database, hence the service in the key.
  const lockSpace = hash(`outbox:${service}`) | 0;
  const { rows } = await sql<{ shard: number }>`
    WITH waiting AS MATERIALIZED (
      SELECT candidate FROM generate_series(0, ${SHARDS - 1}::int) AS candidate
      WHERE EXISTS (SELECT FROM outbox WHERE shard = candidate)
    )
    SELECT candidate AS shard FROM waiting WHERE pg_try_advisory_xact_lock(${lockSpace}::int, candidate)`.execute(db);
  return rows.map((row) => row.shard);
}

/** What a row adds to its payload on the way: key, CloudEvents headers, trace. Rather too much. */
const ENVELOPE_BYTES = 1_024;

/**
 * The oldest rows of the shards, at most `perShard` of each and `bytes` together, in the order in which they were
 * written. The first one comes whatever its size.
 */
export async function oldestRows(
  db: Db,
  shards: readonly number[],
  { perShard, bytes }: { perShard: number; bytes: number },
): Promise<OutboxRow[]> {
  const { rows } = await sql<OutboxRow>`
    SELECT * FROM (
      SELECT message.*, sum(message.size) OVER (ORDER BY message.seq) AS size_so_far
      FROM unnest(${shards}::int[]) AS held (shard)
      CROSS JOIN LATERAL (
        SELECT outbox.*, octet_length(payload) + ${ENVELOPE_BYTES}::int AS size
        FROM outbox WHERE outbox.shard = held.shard ORDER BY seq LIMIT ${perShard}
      ) AS message
    ) AS measured
    WHERE size_so_far <= ${bytes}::int OR size_so_far = size
    ORDER BY seq`.execute(db);
  return rows;
}

export async function deleteRows(db: Db, rows: readonly OutboxRow[]): Promise<void> {
  await sql`DELETE FROM outbox WHERE seq = ANY (${rows.map((row) => row.seq)}::bigint[])`.execute(db);
}

/** How much waits, and for how many seconds the oldest has been waiting. */
export async function outboxBacklog(db: Db): Promise<{ rows: number; oldestAgeSeconds: number }> {
  const { rows } = await sql<{ rows: number; age: number }>`
    SELECT count(*)::int AS rows,
      coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS age FROM outbox`.execute(db);
  return { rows: rows[0]?.rows ?? 0, oldestAgeSeconds: rows[0]?.age ?? 0 };
}

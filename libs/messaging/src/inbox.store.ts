import { type Kysely, sql } from 'kysely';
import type { MessagingTables } from './tables.js';

type Db = Kysely<MessagingTables>;

export interface InboxEntry {
  consumer: string;
  messageId: string;
}

export interface MessageIdentity extends InboxEntry {
  topic: string;
  key: string;
}

/** `duplicate`: its effect is in the database already; `parked`: an earlier message of its key is a dead letter. */
export type InboxState = 'new' | 'duplicate' | 'parked';

/** Writes the inbox row of a new message; waits while another transaction is about to write the same one. */
export async function claim(db: Db, { consumer, messageId, topic, key }: MessageIdentity): Promise<InboxState> {
  const { rows } = await sql<{ parked: boolean; claimed: boolean }>`
    WITH parked AS (
      SELECT FROM parked_keys WHERE consumer = ${consumer} AND topic = ${topic} AND key = ${key}
    ), claimed AS (
      INSERT INTO inbox (consumer, message_id) SELECT ${consumer}, ${messageId} WHERE NOT EXISTS (SELECT FROM parked)
      ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT EXISTS (SELECT FROM parked) AS parked, EXISTS (SELECT FROM claimed) AS claimed`.execute(db);
  if (rows[0]?.parked) return 'parked';
  return rows[0]?.claimed ? 'new' : 'duplicate';
}

/** The same without writing. */
export async function look(db: Db, { consumer, messageId, topic, key }: MessageIdentity): Promise<InboxState> {
  const { rows } = await sql<{ parked: boolean; duplicate: boolean }>`
    SELECT
      EXISTS (SELECT FROM parked_keys WHERE consumer = ${consumer} AND topic = ${topic} AND key = ${key}) AS parked,
      EXISTS (SELECT FROM inbox WHERE consumer = ${consumer} AND message_id = ${messageId}) AS duplicate`.execute(db);
  if (rows[0]?.parked) return 'parked';
  return rows[0]?.duplicate ? 'duplicate' : 'new';
}

/** Writes the inbox row of a message whose key may be parked; false when its effect is in the database already. */
export async function claimParked(db: Db, { consumer, messageId }: InboxEntry): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO inbox (consumer, message_id) VALUES (${consumer}, ${messageId}) ON CONFLICT DO NOTHING`.execute(db);
  return numAffectedRows === 1n;
}

/** Whether the effect of a message is in the database, be its key parked or not. */
export async function isProcessed(db: Db, { consumer, messageId }: InboxEntry): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM inbox WHERE consumer = ${consumer} AND message_id = ${messageId}`.execute(db);
  return rows.length > 0;
}

/** Forgets messages that cannot come again, at most `limit`, oldest first. Resolves to their number. */
export async function purgeInbox(db: Db, olderThanDays: number, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM inbox WHERE (consumer, message_id) IN (
      SELECT consumer, message_id FROM inbox
      WHERE processed_at < clock_timestamp() - make_interval(days => ${olderThanDays}::int)
      ORDER BY processed_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

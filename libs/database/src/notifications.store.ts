import { type Kysely, sql } from 'kysely';

/** Wakes the listeners of a channel. Outside of any transaction: a NOTIFY inside one takes a lock of the whole server at its commit. */
export async function notify<S>(pool: Kysely<S>, channel: string): Promise<void> {
  await sql`SELECT pg_notify(${channel}, '')`.execute(pool);
}

import { type Kysely, sql } from 'kysely';

export const LEDGER = 'migration_ledger';
export const LEDGER_LOCK = 'migration_lock';

/** One number for the whole database: two migrate jobs wait for each other. */
const PREPARING = 7_301_001;

/** Names of the migrations that were applied to this schema; none where the schema or the ledger is missing. */
export async function appliedMigrations<S>(db: Kysely<S>, schema: string): Promise<Set<string>> {
  const table = `${schema}.${LEDGER}`;
  const found = await sql<{ exists: boolean }>`SELECT to_regclass(${table}) IS NOT NULL AS exists`.execute(db);
  if (!found.rows[0]?.exists) return new Set();
  const { rows } = await sql<{ name: string }>`SELECT name FROM ${sql.table(table)}`.execute(db);
  return new Set(rows.map((row) => row.name));
}

/** A role reads its ledger at boot and never writes it. */
export async function protectLedger<S>(db: Kysely<S>, schema: string): Promise<void> {
  for (const table of [LEDGER, LEDGER_LOCK]) {
    await sql`REVOKE INSERT, UPDATE, DELETE ON ${sql.table(`${schema}.${table}`)} FROM ${sql.id(schema)}`.execute(db);
  }
}

/** Runs one migration's text with the schema first in the search path, until the end of the transaction. */
export async function runSql<S>(db: Kysely<S>, schema: string, text: string): Promise<void> {
  await sql`SET LOCAL search_path TO ${sql.id(schema)}`.execute(db);
  await sql.raw(text).execute(db);
}

/** Session lock: held by this connection until `unlock` or its end. False when another session holds it. */
export async function tryLock<S>(connection: Kysely<S>): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`SELECT pg_try_advisory_lock(${PREPARING}) AS locked`.execute(
    connection,
  );
  return rows[0]?.locked === true;
}

export async function lock<S>(connection: Kysely<S>): Promise<void> {
  await sql`SELECT pg_advisory_lock(${PREPARING})`.execute(connection);
}

export async function unlock<S>(connection: Kysely<S>): Promise<void> {
  await sql`SELECT pg_advisory_unlock(${PREPARING})`.execute(connection);
}

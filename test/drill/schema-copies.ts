import pg from 'pg';
import type { Backups } from './backups.js';

interface Table {
  readonly name: string;
  /** Those that can be written: not the generated ones. */
  readonly columns: string;
}

/** The rows and sequences of a schema as they are in one snapshot, kept in a schema beside it. For drills; no backup for a disaster. */
export class SchemaCopies implements Backups {
  constructor(
    private readonly url: string,
    readonly how: string,
  ) {}

  take(service: string): Promise<string> {
    return this.inTransaction(async (client) => {
      const { rows } = await client.query<{ moment: Date }>('SELECT clock_timestamp() AS moment');
      await client.query(`CREATE SCHEMA ${copyOf(service)}`);
      for (const { name, columns } of await tables(client, service))
        await client.query(`CREATE TABLE ${copyOf(service)}.${name} AS SELECT ${columns} FROM ${service}.${name}`);
      await client.query(`CREATE TABLE ${copyOf(service)}._sequences AS
        SELECT sequencename AS name, last_value FROM pg_sequences WHERE schemaname = '${service}'`);
      return rows[0]?.moment.toISOString() ?? '';
    });
  }

  async restore(service: string): Promise<void> {
    await this.inTransaction(async (client) => {
      // Neither triggers (append-only tables) nor foreign keys, as pg_restore does it.
      await client.query('SET LOCAL session_replication_role = replica');
      const all = await tables(client, service);
      // DELETE: TRUNCATE fires triggers that refuse it, whatever the role.
      for (const { name } of all) await client.query(`DELETE FROM ${service}.${name}`);
      for (const { name, columns } of all)
        await client.query(`INSERT INTO ${service}.${name} (${columns}) OVERRIDING SYSTEM VALUE
          SELECT ${columns} FROM ${copyOf(service)}.${name}`);
      await client.query(`SELECT setval(format('%I.%I', '${service}', name)::regclass, COALESCE(last_value, 1), last_value IS NOT NULL)
        FROM ${copyOf(service)}._sequences`);
    });
  }

  private async inTransaction<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.url, application_name: 'drill' });
    await client.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } finally {
      await client.end();
    }
  }
}

const copyOf = (service: string) => `backup_of_${service}`;

async function tables(client: pg.Client, service: string): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `SELECT quote_ident(table_name) AS name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) AS columns
     FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = $1 AND is_generated = 'NEVER' AND table_type = 'BASE TABLE' GROUP BY table_name ORDER BY table_name`,
    [service],
  );
  return rows;
}

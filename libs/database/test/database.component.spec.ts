import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { type TestDatabase, testDatabase, until } from '#libs/testing';
import { Database, isTransient } from '../src/index.js';

interface Notes {
  notes: { text: string };
}

describe('a database', () => {
  let postgres: TestDatabase;
  let database: Database<Notes>;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    const root = mkdtempSync(join(tmpdir(), 'ineedthatfast-notes-'));
    const migrations = join(root, 'apps', 'notes', 'migrations');
    mkdirSync(migrations, { recursive: true });
    writeFileSync(join(migrations, 'schema.json'), '{"schema":"notes"}');
    writeFileSync(join(migrations, '0001_notes.sql'), 'CREATE TABLE notes (text text PRIMARY KEY)');
    postgres = await testDatabase('notes', { appsFolder: join(root, 'apps') });
    rmSync(root, { recursive: true });
  });

  beforeEach(() => {
    database = new Database({ url: postgres.url, applicationName: 'test', maxConnections: 3 });
  });

  afterEach(async () => {
    await database.db.deleteFrom('notes').execute();
    await database.close();
  });

  afterAll(() => postgres?.close());

  const write = async (text: string): Promise<void> => {
    await database.db.insertInto('notes').values({ text }).execute();
  };
  const texts = async () =>
    (await database.db.selectFrom('notes').select('text').orderBy('text').execute()).map(({ text }) => text);

  it('commits what a transaction wrote, wherever it was written from', async () => {
    await database.transaction(async () => {
      await write('outer');
      await database.transaction(() => write('inner'));
    });
    expect(await texts()).toEqual(['inner', 'outer']);
    expect(database.inTransaction).toBe(false);
  });

  it('has a connection parse a statement once, however often it runs', async () => {
    await database.transaction(async () => {
      for (const text of ['a', 'b', 'c']) await write(text);
      const { rows } = await sql<{ statement: string }>`SELECT statement FROM pg_prepared_statements`.execute(
        database.db,
      );
      expect(rows.filter(({ statement }) => statement.startsWith('insert into "notes"'))).toHaveLength(1);
    });
  });

  it('goes on after a migration changed what a statement gives, at the cost of one transient error', async () => {
    const all = () => database.db.selectFrom('notes').selectAll().where('text', '=', 'kept').execute();
    await write('kept');
    expect(await all()).toEqual([{ text: 'kept' }]);
    const admin = new Database({ url: postgres.adminUrl, applicationName: 'admin', maxConnections: 1 });
    try {
      await sql`ALTER TABLE notes.notes ADD COLUMN IF NOT EXISTS added int`.execute(admin.db);
      const error: unknown = await all().catch((thrown: unknown) => thrown);
      expect(isTransient(error)).toBe(true);
      expect(await all()).toEqual([{ text: 'kept', added: null }]);
    } finally {
      await sql`ALTER TABLE notes.notes DROP COLUMN IF EXISTS added`.execute(admin.db);
      await admin.close();
    }
  });

  it('rolls back everything when the outer work throws after the inner one ended', async () => {
    const failing = database.transaction(async () => {
      await database.transaction(() => write('inner'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await texts()).toEqual([]);
  });

  it('keeps transactions that run at the same time apart', async () => {
    const slow = Promise.withResolvers<void>();
    const first = database.transaction(async () => {
      await write('first');
      await slow.promise;
      throw new Error('rolled back');
    });
    await database.transaction(() => write('second'));
    slow.resolve();
    await expect(first).rejects.toThrow('rolled back');
    expect(await texts()).toEqual(['second']);
  });

  it('calls hooks after the commit, outside the transaction, and never after a rollback', async () => {
    const called: string[] = [];
    await database.transaction(async () => {
      await write('kept');
      database.afterCommit(() => called.push(`committed, in transaction: ${database.inTransaction}`));
      expect(called).toEqual([]);
    });
    const failing = database.transaction(async () => {
      database.afterCommit(() => called.push('rolled back'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(called).toEqual(['committed, in transaction: false']);
  });

  it('has committed although a hook fails', async () => {
    await database.transaction(async () => {
      await write('kept');
      database.afterCommit(() => {
        throw new Error('a hook failed');
      });
    });
    expect(await texts()).toEqual(['kept']);
  });

  it('gives int8 as bigint', async () => {
    const { rows } = await sql<{ big: bigint }>`SELECT 9007199254740993::int8 AS big`.execute(database.db);
    expect(rows[0]?.big).toBe(9007199254740993n);
  });

  it('survives the loss of idle and busy connections; the error of a running transaction is transient', async () => {
    const admin = new Database({ url: postgres.adminUrl, applicationName: 'admin', maxConnections: 1 });
    const endAll = () =>
      sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test'`.execute(admin.db);
    await texts();
    await endAll();
    const busy = database.transaction(async () => {
      await write('lost');
      await endAll();
      await write('lost, too');
    });
    const error = await busy.catch((thrown: unknown) => thrown);
    expect(isTransient(error)).toBe(true);
    await admin.close();
    expect(await until(() => texts().catch(() => undefined), { what: 'a new connection' })).toEqual([]);
  });

  it('wakes listeners, also when they lost their connection meanwhile', async () => {
    let woken = 0;
    const listener = database.listen('test_channel', () => woken++);
    await until(() => woken === 1, { what: 'the listener to be connected' });
    await database.notify('test_channel');
    await until(() => woken === 2, { what: 'the notification' });
    const admin = new Database({ url: postgres.adminUrl, applicationName: 'admin', maxConnections: 1 });
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test listener'`.execute(
      admin.db,
    );
    await admin.close();
    await until(() => woken === 3, { what: 'the listener to come back' });
    await listener.close();
  });
});

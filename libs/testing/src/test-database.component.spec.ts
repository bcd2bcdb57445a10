import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { testDatabase } from './index.js';

describe('a database for a test file', () => {
  const root = mkdtempSync(join(tmpdir(), 'ineedthatfast-apps-'));
  const appsFolder = join(root, 'apps');

  beforeAll(() => {
    const migrations = join(appsFolder, 'lists', 'migrations');
    mkdirSync(migrations, { recursive: true });
    writeFileSync(join(migrations, 'schema.json'), JSON.stringify({ schema: 'lists', includes: [] }));
    writeFileSync(join(migrations, '0001_items.sql'), 'CREATE TABLE items (name text PRIMARY KEY)');
  });

  afterAll(() => rmSync(root, { recursive: true }));

  async function query(url: string, sql: string) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it('has the tables of the app, which the app may fill but not change', async () => {
    const database = await testDatabase('lists', { appsFolder });
    await query(database.url, "INSERT INTO items VALUES ('milk')");
    expect(await query(database.url, 'SELECT name FROM items')).toEqual([{ name: 'milk' }]);
    await expect(query(database.url, 'ALTER TABLE items ADD COLUMN price int')).rejects.toThrow(/must be owner/);
    await database.close();
  });

  it('is made ten times at once without a clash of roles, each empty', async () => {
    const databases = await Promise.all(Array.from({ length: 10 }, () => testDatabase('lists', { appsFolder })));
    await query(databases[0]?.url ?? '', "INSERT INTO items VALUES ('milk')");
    const rows = await Promise.all(databases.slice(1).map(({ url }) => query(url, 'SELECT name FROM items')));
    expect(rows.flat()).toEqual([]);
    expect(new Set(databases.map(({ url }) => url)).size).toBe(10);
    await Promise.all(databases.map((database) => database.close()));
  });

  it('is gone after close, also under an open connection', async () => {
    const database = await testDatabase('lists', { appsFolder });
    const open = new pg.Client({ connectionString: database.url });
    const lost = new Promise<Error>((resolve) => open.on('error', resolve));
    await open.connect();
    await database.close();
    expect((await lost).message).toMatch(/terminat/);
    await expect(query(database.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
  });
});

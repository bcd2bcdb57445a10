import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type OwnServer, ownPostgres } from '#libs/testing';
import { Database, missingMigrations, prepareDatabase } from '../src/index.js';

describe('preparing a database', () => {
  const root = mkdtempSync(join(tmpdir(), 'ineedthatfast-prepare-'));
  const appsFolder = join(root, 'apps');
  const password = "it's a 'secret'\\";
  let postgres: OwnServer & { url: string };
  let adminUrl: string;

  beforeAll(async () => {
    postgres = await ownPostgres();
    adminUrl = postgres.url;
    place('libs/audit/migrations', {
      '0001_audit.sql': 'CREATE TABLE audit (n int); REVOKE UPDATE, DELETE ON audit FROM shop;',
    });
    place('apps/shop/migrations', {
      'schema.json': '{"schema":"shop","includes":["libs/audit/migrations"]}',
      '0001_goods.sql': 'CREATE TABLE goods (id bigserial PRIMARY KEY, name text REFERENCES names); ',
      '0000_names.sql': 'CREATE TABLE names (name text PRIMARY KEY); INSERT INTO audit VALUES (1);',
    });
    place('apps/other/migrations', {
      'schema.json': '{"schema":"other"}',
      '0001_things.sql': 'CREATE TABLE things (n int)',
    });
  });

  afterAll(() => rmSync(root, { recursive: true }));

  function place(folder: string, files: Record<string, string>): void {
    mkdirSync(join(root, folder), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, folder, name), text);
  }

  const prepare = async () => {
    const lines: string[] = [];
    await prepareDatabase({
      adminUrl,
      appsFolder,
      passwords: { shop: password, other: 'x' },
      onProgress: (line) => lines.push(line),
    });
    return lines;
  };

  const as = async <T>(role: string, secret: string, work: (database: Database) => Promise<T>): Promise<T> => {
    const url = new URL(adminUrl);
    url.username = role;
    url.password = secret;
    const database = new Database({ url: url.href, applicationName: 'test', maxConnections: 1 });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  };
  const run = (text: string, role = 'shop', secret = password) =>
    as(role, secret, async ({ db }) => (await sql.raw(text).execute(db)).rows);

  it('runs twice at once and again later, each migration once, included ones first', async () => {
    const [first, second] = await Promise.all([prepare(), prepare()]);
    const applied = [...first, ...second].filter((line) => line.startsWith('applied'));
    expect(applied).toEqual([
      'applied other/0001_things to other',
      'applied audit/0001_audit to shop',
      'applied shop/0000_names to shop',
      'applied shop/0001_goods to shop',
    ]);
    expect(await prepare()).toEqual([
      'schema other is ready (0 of 1 migrations were new)',
      'schema shop is ready (0 of 3 migrations were new)',
    ]);
  });

  it('lets a role read and write rows, by names without schema', async () => {
    await run("INSERT INTO names VALUES ('tea')");
    expect(await run("INSERT INTO goods (name) VALUES ('tea') RETURNING name")).toEqual([{ name: 'tea' }]);
    await run("DELETE FROM goods WHERE name = 'tea'");
  });

  it.each([
    ['make tables', 'CREATE TABLE mine (n int)', /permission denied for schema shop/],
    ['make tables elsewhere', 'CREATE TABLE public.mine (n int)', /permission denied for schema public/],
    ['make temporary tables', 'CREATE TEMP TABLE mine (n int)', /permission denied to create temporary/],
    ['change tables', 'ALTER TABLE goods ADD COLUMN n int', /must be owner/],
    ['see another schema', 'SELECT * FROM other.things', /permission denied for schema other/],
    ['write its ledger', 'DELETE FROM migration_ledger', /permission denied/],
    ['change what a migration made append-only', 'UPDATE audit SET n = 2', /permission denied/],
    ['delete what a migration made append-only', 'DELETE FROM audit', /permission denied/],
  ])('does not let a role %s', async (_, text, message) => {
    await expect(run(text)).rejects.toThrow(message);
  });

  it('keeps a revoked right revoked when it runs again, and lets the role append', async () => {
    await prepare();
    await expect(run('DELETE FROM audit')).rejects.toThrow(/permission denied/);
    await run('INSERT INTO audit VALUES (7)');
  });

  it('sets a new password', async () => {
    await prepareDatabase({ adminUrl, appsFolder, only: ['other'], passwords: { other: 'new' } });
    expect(await run('SELECT current_user::text AS name', 'other', 'new')).toEqual([{ name: 'other' }]);
    await expect(run('SELECT 1', 'other', 'x')).rejects.toThrow(/password authentication failed/);
  });

  it('names a role without password, before it changes anything', async () => {
    await expect(prepareDatabase({ adminUrl, appsFolder, passwords: { other: 'x' } })).rejects.toThrow('"shop"');
  });

  it('names the file that fails, keeps those before it, and goes on after a repair', async () => {
    const shop = (files: Record<string, string>) => place('apps/shop/migrations', files);
    shop({
      '0002_good.sql': 'CREATE TABLE good (n int)',
      '0003_bad.sql': 'CREATE TABLE half (n int); SELECT nonsense',
    });
    await expect(prepare()).rejects.toThrow(/shop\/0003_bad of schema shop failed: column "nonsense"/);
    const missing = () => as('shop', password, (database) => missingMigrations(database, join(appsFolder, 'shop')));
    expect(await missing()).toEqual(['shop/0003_bad']);
    shop({ '0003_bad.sql': 'CREATE TABLE half (n int)' });
    expect(await prepare()).toContain('schema shop is ready (1 of 5 migrations were new)');
    expect(await missing()).toEqual([]);
  });

  it('refuses a database that is newer than the release', async () => {
    rmSync(join(root, 'apps/shop/migrations/0003_bad.sql'));
    await expect(prepare()).rejects.toThrow(/shop\/0003_bad, which this release does not know/);
  });

  it('refuses to take over a role with administrative rights', async () => {
    await as(new URL(adminUrl).username, new URL(adminUrl).password, ({ db }) =>
      sql`CREATE ROLE powerful CREATEROLE`.execute(db),
    );
    place('apps/powerful/migrations', { 'schema.json': '{"schema":"powerful"}' });
    const attempt = prepareDatabase({ adminUrl, appsFolder, only: ['powerful'], passwords: { powerful: 'x' } });
    await expect(attempt).rejects.toThrow(/role powerful exists and has administrative rights/);
  });
});

import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type TestDatabase, testDatabase, testFolder } from '#libs/testing';

const run = promisify(execFile);
let test: TestDatabase;
let admin: pg.Client;
let folder: string;
let programs: string;
let backups = 0;

beforeAll(async () => {
  test = await testDatabase('orders');
  admin = new pg.Client({ connectionString: test.adminUrl });
  await admin.connect();
  folder = await testFolder();
  programs = join(folder, 'programs');
  mkdirSync(programs);
  for (const name of ['psql', 'pg_dump', 'pg_restore']) {
    const script = `#!/bin/sh\nexec "${process.execPath}" "${resolve('test/backup/program.mjs')}" ${name} "$@"\n`;
    writeFileSync(join(programs, name), script, { mode: 0o755 });
  }
});

afterAll(async () => {
  await admin?.end();
  await test?.close();
});

beforeEach(async () => {
  await admin.query('DROP SCHEMA IF EXISTS orders CASCADE; DROP SCHEMA IF EXISTS orders_being_replaced CASCADE');
  await admin.query(`CREATE SCHEMA orders; CREATE TABLE orders.words AS SELECT 'of today' AS word`);
});

const newFolder = () => join(folder, `backup-${++backups}`);
const script = async (name: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
  const PATH = `${programs}${delimiter}${process.env.PATH}`;
  const env = { ...process.env, PATH, DATABASE_URL: test.adminUrl, ...more };
  return (await run(process.execPath, [`deploy/backup/${name}.mjs`, ...args], { env })).stdout;
};
const backUp = (to: string, more?: NodeJS.ProcessEnv) => script('backup', ['--to', to, '--service', 'orders'], more);
const restore = (from: string, more?: NodeJS.ProcessEnv) =>
  script('restore', ['--from', from, '--service', 'orders'], more);
const schemas = async () => {
  const sql = `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'orders%' ORDER BY 1`;
  return (await admin.query<{ name: string }>(sql)).rows.map(({ name }) => name);
};
const words = async () => (await admin.query<{ word: string }>('SELECT word FROM orders.words')).rows[0]?.word;

describe('a backup', () => {
  it('is a dump and what tells of it, and says what recovery needs', async () => {
    const to = newFolder();
    await backUp(to);
    expect(readdirSync(to).sort()).toEqual(['orders.dump', 'orders.json']);
    expect(await restore(to)).toMatch(/^orders is as it was at (\S+Z); next: recover.js --since \1\n$/);
    expect([await words(), await schemas()]).toEqual(['of the backup', ['orders']]);
  });

  it('that failed leaves nothing that looks like one', async () => {
    const to = newFolder();
    await expect(backUp(to, { FAILS: 'pg_dump' })).rejects.toThrow('orders is not backed up: pg_dump ended with 1');
    expect(readdirSync(to)).toEqual([]);
    await backUp(to);
  });

  it('is not written over another', async () => {
    const to = newFolder();
    await backUp(to);
    await expect(backUp(to)).rejects.toThrow('has a backup of orders: name another folder');
    await restore(to);
  });

  it('that is not what was written is refused', async () => {
    const to = newFolder();
    await backUp(to);
    writeFileSync(join(to, 'orders.dump'), 'something else');
    await expect(restore(to)).rejects.toThrow('is not what was written: its hash differs');
    expect(await words()).toBe('of today');
  });
});

describe('a restore', () => {
  let from: string;
  beforeAll(async () => {
    from = newFolder();
    await backUp(from);
  });

  it('that fails leaves what was there', async () => {
    await expect(restore(from, { FAILS: 'pg_restore' })).rejects.toThrow('orders stays as it was: pg_restore ended');
    expect([await words(), await schemas()]).toEqual(['of today', ['orders']]);
  });

  it('that was interrupted is taken up again, and loses nothing when it fails once more', async () => {
    await admin.query('ALTER SCHEMA orders RENAME TO orders_being_replaced');
    await expect(restore(from, { FAILS: 'pg_restore' })).rejects.toThrow('orders stays as it was');
    expect([await words(), await schemas()]).toEqual(['of today', ['orders']]);
    await admin.query('ALTER SCHEMA orders RENAME TO orders_being_replaced');
    await restore(from);
    expect([await words(), await schemas()]).toEqual(['of the backup', ['orders']]);
  });

  it('leaves it to a person which of two schemas is whole', async () => {
    await admin.query('CREATE SCHEMA orders_being_replaced');
    await expect(restore(from)).rejects.toThrow('left the schema orders_being_replaced beside orders');
    expect(await schemas()).toEqual(['orders', 'orders_being_replaced']);
  });

  it('waits until the service has stopped', async () => {
    const service = new pg.Client({ connectionString: test.url });
    await service.connect();
    await expect(restore(from)).rejects.toThrow('orders has 1 connections to the database: stop it first');
    await service.end();
  });
});

it.each([
  ['backup', [], '--to FOLDER is missing'],
  ['restore', ['--from', 'x'], '--service NAMES is missing'],
  ['backup', ['--to', 'x', '--service', 'shop'], '--service shop: there are gateway, users'],
  ['backup', ['--to', 'x', '--project', 'mine'], '--project is of no use without --compose'],
])('%s %j says what is wrong: %s', async (name, args, problem) => {
  await expect(script(name, args)).rejects.toThrow(`${name}: ${problem}`);
});

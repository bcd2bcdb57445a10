import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { testFolder } from '#libs/testing';
import { identify, type Postgres, removePostgres, startPostgres } from './index.js';

describe('an embedded PostgreSQL', () => {
  let root: string;
  let folder: string;
  const password = 'it is:a@secret/';
  let postgres: Postgres;

  beforeAll(async () => {
    root = join(await testFolder(), 'private');
    mkdirSync(root, { mode: 0o700 }); // not for the user "postgres"
    folder = join(root, 'postgres');
    postgres = await startPostgres({ folder, password, durable: false });
  });

  afterAll(async () => {
    await postgres.kill();
    removePostgres(folder);
  });

  async function query(sql: string, url = postgres.url): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it('serves where its user cannot enter the folder, and keeps data over a kill', async () => {
    await query('CREATE TABLE kept AS SELECT 1 AS one');
    await postgres.kill();
    await postgres.start();
    expect(await query('SELECT one FROM kept')).toEqual([{ one: 1 }]);
  });

  it('lets nobody in without the password, and only over TCP of this machine', async () => {
    const url = new URL(postgres.url);
    url.password = 'another';
    await expect(query('SELECT 1', url.href)).rejects.toThrow(/authentication failed/);
    expect(await query('SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
    expect(await query('SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }]);
  });

  it('stops in order under open connections', async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => {});
    await client.connect();
    const pid = postgres.pid ?? 0;
    await postgres.stop();
    expect(identify(pid)).toBeUndefined();
    await postgres.start();
  });

  it('takes over from an orphan, also when only PostgreSQL knows of it', async () => {
    const orphan = postgres.pid ?? 0;
    rmSync(join(folder, 'postgres.pid.json'));
    const heir = await startPostgres({ folder, password, port: postgres.port, durable: false });
    expect(identify(orphan)).toBeUndefined();
    expect(await query('SELECT one FROM kept')).toEqual([{ one: 1 }]);
    await postgres.stop();
    postgres = heir;
  });

  it('says that the password does not fit the data, and what to do', async () => {
    await postgres.stop();
    await expect(startPostgres({ folder, password: 'forgotten', durable: false })).rejects.toThrow(
      /refuses the password.*npm run reset/,
    );
    await postgres.start();
  });

  it('removes all that it keeps', async () => {
    const other = join(root, 'other');
    const server = await startPostgres({ folder: other, password, durable: false });
    const [row] = await query('SHOW data_directory', server.url);
    await server.stop();
    removePostgres(other);
    expect(existsSync(String(Object.values(row ?? {})[0]))).toBe(false);
    expect(existsSync(other)).toBe(false);
  });
});

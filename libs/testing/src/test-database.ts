import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { prepareDatabase, readPlan } from '#libs/database';
import { repositoryFolder } from '#libs/embedded';
import { askInfrastructure, textOf } from './infrastructure.js';

export interface TestDatabase {
  /** URL of the app's own role, as the app gets it. */
  url: string;
  /** URL of the superuser on the same database. */
  adminUrl: string;
  /** Drops the database, also under open connections. */
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** Folder that holds the app, when it is not one of this repository's `apps`. */
  appsFolder?: string;
}

/**
 * A fresh database on the PostgreSQL of this jest run with schema, role and tables of one app, for one test file.
 * Roles belong to the whole server: all files share them and their password, hence they run side by side.
 */
export async function testDatabase(app: string, options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const appsFolder = options.appsFolder ?? join(repositoryFolder(), 'apps');
  const { schema } = await readPlan(join(appsFolder, app));
  const server = new URL(textOf(await askInfrastructure('postgres'), 'url'));
  const name = `test_${schema}_${randomBytes(6).toString('hex')}`;
  await administer(server, (client) => client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`));
  const adminUrl = at(server, { name, user: server.username });
  await prepareDatabase({ adminUrl, appsFolder, only: [app], passwords: { [schema]: server.password } });
  const close = () =>
    administer(server, (client) => client.query(`DROP DATABASE ${client.escapeIdentifier(name)} WITH (FORCE)`));
  return { url: at(server, { name, user: schema }), adminUrl, close };
}

function at(server: URL, { name, user }: { name: string; user: string }): string {
  const url = new URL(server);
  url.username = user;
  url.pathname = `/${name}`;
  return url.href;
}

async function administer(server: URL, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: server.href });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

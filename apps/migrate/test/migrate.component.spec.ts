import { join } from 'node:path';
import { sql } from 'kysely';
import { Database, missingMigrations, readPlans } from '#libs/database';
import { repositoryFolder } from '#libs/embedded';
import { type OwnServer, ownPostgres, testKafka } from '#libs/testing';
import { readConfig } from '../src/config.js';
import { migrate } from '../src/migrate.js';

describe('the migrate job', () => {
  const appsFolder = join(repositoryFolder(), 'apps');
  let postgres: OwnServer & { url: string };

  beforeAll(async () => {
    postgres = await ownPostgres();
  });

  async function run(more: Record<string, string> = {}): Promise<string[]> {
    const plans = await readPlans(appsFolder);
    const { brokers, topicPrefix } = await testKafka();
    const passwords = plans.map(({ schema }) => [`${schema.toUpperCase()}_DATABASE_PASSWORD`, `${schema}'s`] as const);
    const environment = { DATABASE_URL: postgres.url, KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: topicPrefix };
    const config = readConfig(plans, { ...environment, ...Object.fromEntries(passwords), ...more });
    const lines: string[] = [];
    await migrate(appsFolder, config, (line) => lines.push(line));
    return lines;
  }

  it('makes every schema and topic of the repository, and does nothing the second time', async () => {
    await run();
    const lines = await run();
    expect(lines.filter((line) => line.startsWith('applied'))).toEqual([]);
    expect(lines.at(-1)).toMatch(/^\d+ topics are ready \(0 were new\)$/);
  });

  it('leaves every app with a role that finds its tables and knows of no missing migration', async () => {
    for (const { app, schema } of await readPlans(appsFolder)) {
      const url = new URL(postgres.url);
      url.username = schema;
      url.password = `${schema}'s`;
      const database = new Database({ url: url.href, applicationName: 'test' });
      expect(await missingMigrations(database, join(appsFolder, app))).toEqual([]);
      const { rows } = await sql<{ here: string }>`SELECT current_schema()::text AS here`.execute(database.db);
      expect(rows).toEqual([{ here: schema }]);
      await database.close();
    }
  });

  it('fails within its limit when PostgreSQL is away, naming it', async () => {
    const away = run({ DATABASE_URL: 'postgres://admin:x@127.0.0.1:1/store', MIGRATE_WAIT: '1' });
    await expect(away).rejects.toThrow('PostgreSQL at 127.0.0.1:1 was not ready within 1 s');
  });

  it('fails within its limit when Kafka is away, naming it', async () => {
    await expect(run({ KAFKA_BROKERS: '127.0.0.1:1', MIGRATE_WAIT: '1' })).rejects.toThrow(
      'Kafka at 127.0.0.1:1 was not ready within 1 s',
    );
  });
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Generated } from 'kysely';
import { Database, DatabaseModule } from '#libs/database';
import { repositoryFolder } from '#libs/embedded';
import { type TestDatabase, testDatabase } from '#libs/testing';
import { KafkaStrategy, MessagingModule, type MessagingOptions, type MessagingTables } from '../src/index.js';

/** What handlers of these tests leave behind: one row per effect, in the order of `seq`. */
export interface ShopTables extends MessagingTables {
  effects: { seq: Generated<bigint>; key: string; message_id: string; note: string };
}

/** A database with the tables of messaging and a table for effects, as an app "shop" would have it. */
export async function shopDatabase(): Promise<TestDatabase> {
  const root = mkdtempSync(join(tmpdir(), 'ineedthatfast-shop-'));
  const migrations = join(root, 'apps', 'shop', 'migrations');
  mkdirSync(migrations, { recursive: true });
  symlinkSync(join(repositoryFolder(), 'libs'), join(root, 'libs'));
  const schema = { schema: 'shop', includes: ['libs/messaging/migrations'] };
  writeFileSync(join(migrations, 'schema.json'), JSON.stringify(schema));
  writeFileSync(
    join(migrations, '0001_effects.sql'),
    `CREATE TABLE effects (
       seq bigint GENERATED ALWAYS AS IDENTITY, key text NOT NULL, message_id text NOT NULL, note text NOT NULL
     );`,
  );
  try {
    return await testDatabase('shop', { appsFolder: join(root, 'apps') });
  } finally {
    rmSync(root, { recursive: true });
  }
}

export interface ShopOptions extends Partial<MessagingOptions> {
  databaseUrl: string;
  brokers: readonly string[];
  controllers?: Type[];
  /** More modules, e.g. with global guards. */
  imports?: DynamicModule[];
}

/** The service "shop" with these handlers, running on real servers. */
export async function startShop(options: ShopOptions): Promise<INestApplication> {
  const { databaseUrl, controllers = [], imports = [], ...messaging } = options;
  class ShopModule {}
  const app = await NestFactory.create(
    {
      module: ShopModule,
      controllers,
      imports: [
        ...imports,
        DatabaseModule.forRoot({ url: databaseUrl, applicationName: 'shop' }),
        MessagingModule.forRoot({
          service: 'shop',
          logger: { log: () => {}, warn: () => {}, error: () => {} },
          onFatal: (error) => {
            throw error;
          },
          ...messaging,
          consumer: { retryDelayMs: () => 5, ...messaging.consumer },
        }),
      ],
    },
    new FastifyAdapter(),
    { logger: false, abortOnError: false },
  );
  app.connectMicroservice({ strategy: app.get(KafkaStrategy) }, { inheritAppConfig: false });
  await app.init();
  await app.startAllMicroservices();
  return app;
}

export function shopTables(app: INestApplication): Database<ShopTables> {
  return app.get<Database<ShopTables>>(Database);
}

import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import pg from 'pg';
import { Database, DatabaseModule } from '#libs/database';
import { MessagingModule, Outbox } from '#libs/messaging';
import { type TestDatabase, testDatabase } from '#libs/testing';
import type { SagaEnd } from '../src/next.js';
import type { SagaTables } from '../src/saga.store.js';
import { SagaEngine, type SagaOptions } from '../src/saga-engine.js';
import { type SampleData, sampleSaga } from '../src/sample-saga.js';

/** An app with nothing but the sample saga: outbox rows are written and stay, since nothing relays them. */
export class SampleRoom {
  /** How instances ended, by id. */
  readonly ends = new Map<string, SagaEnd>();
  readonly database: Database<SagaTables>;

  private constructor(
    private readonly folder: string,
    private readonly test: TestDatabase,
    private readonly app: INestApplication,
    /** Past the service, with its search path. */
    readonly admin: pg.Pool,
  ) {
    this.database = app.get(Database).withTables();
  }

  static async open(): Promise<SampleRoom> {
    const folder = await folderOfSample();
    const test = await testDatabase('sample', { appsFolder: join(folder, 'apps') });
    const module = {
      module: class SampleModule {},
      imports: [
        DatabaseModule.forRoot({ url: test.url, applicationName: 'sample' }),
        MessagingModule.forRoot({ service: 'sample', brokers: ['127.0.0.1:1'] }),
      ],
    };
    const app = await NestFactory.create(module, new FastifyAdapter(), { logger: false, abortOnError: false });
    const admin = new pg.Pool({ connectionString: test.adminUrl, options: '-c search_path=sample', max: 2 });
    return new SampleRoom(folder, test, app, admin);
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.admin.end();
    await this.test.close();
    await rm(this.folder, { recursive: true });
  }

  engine(options: Partial<SagaOptions<SampleData>> = {}): SagaEngine<SampleData> {
    const finish = async (id: string, end: SagaEnd) => void this.ends.set(id, end);
    const outbox = this.app.get(Outbox);
    return new SagaEngine({
      ...{ service: 'sample', database: this.database, outbox, tables: [sampleSaga], finish },
      ...options,
    });
  }

  /** The id of a new instance. */
  async started(engine = this.engine()): Promise<string> {
    const orderId = randomUUID();
    await engine.start(orderId, { orderId, paymentMethod: 'pm_sample' }, 60);
    return orderId;
  }

  /** Types of the commands that an instance sent, in their order. */
  async sent(id: string): Promise<string[]> {
    const { rows } = await this.admin.query('SELECT type FROM outbox WHERE aggregateid = $1 ORDER BY seq', [id]);
    return rows.map((row) => row.type);
  }

  async instance(id: string) {
    return (await this.admin.query('SELECT * FROM saga_instances WHERE id = $1', [id])).rows[0];
  }

  async causes(id: string): Promise<string[]> {
    const sql = 'SELECT cause FROM saga_transitions WHERE id = $1 ORDER BY sequence';
    return (await this.admin.query(sql, [id])).rows.map((row) => row.cause);
  }
}

async function folderOfSample(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'saga-'));
  await mkdir(join(folder, 'apps/sample/migrations'), { recursive: true });
  await symlink(join(process.cwd(), 'libs'), join(folder, 'libs'));
  const schema = { schema: 'sample', includes: ['libs/messaging/migrations', 'libs/saga/migrations'] };
  await writeFile(join(folder, 'apps/sample/migrations/schema.json'), JSON.stringify(schema));
  return folder;
}

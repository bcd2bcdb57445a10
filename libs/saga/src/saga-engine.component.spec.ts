import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import pg from 'pg';
import {
  PaymentAuthorizedSchema,
  PaymentCapturedSchema,
  StockClaimedSchema,
  StockReleasedSchema,
  StockReservationRejectedSchema,
  StockReservedSchema,
} from '#libs/contracts';
import { Database, DatabaseModule } from '#libs/database';
import { MessagingModule, Outbox, RetryLater } from '#libs/messaging';
import { recordMetrics, type TestDatabase, testDatabase } from '#libs/testing';
import { defineSaga } from './define-saga.js';
import type { SagaEnd } from './next.js';
import { SagaStore, type SagaTables } from './saga.store.js';
import { SagaEngine, type SagaOptions } from './saga-engine.js';
import { type SampleData, sampleDefinition, sampleSaga } from './sample-saga.js';
import type { SagaTable } from './table.js';

const metric = recordMetrics();
let folder: string;
let test: TestDatabase;
let admin: pg.Pool;
let app: INestApplication;
let database: Database<SagaTables>;

/** An app with nothing but a saga: outbox rows are written and stay, since nothing relays them. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saga-'));
  await mkdir(join(folder, 'apps/sample/migrations'), { recursive: true });
  await symlink(join(process.cwd(), 'libs'), join(folder, 'libs'));
  const schema = { schema: 'sample', includes: ['libs/messaging/migrations', 'libs/saga/migrations'] };
  await writeFile(join(folder, 'apps/sample/migrations/schema.json'), JSON.stringify(schema));
  test = await testDatabase('sample', { appsFolder: join(folder, 'apps') });
  admin = new pg.Pool({ connectionString: test.adminUrl, options: '-c search_path=sample', max: 2 });
  const module = {
    module: class SampleModule {},
    imports: [
      DatabaseModule.forRoot({ url: test.url, applicationName: 'sample' }),
      MessagingModule.forRoot({ service: 'sample', brokers: ['127.0.0.1:1'] }),
    ],
  };
  app = await NestFactory.create(module, new FastifyAdapter(), { logger: false, abortOnError: false });
  database = app.get(Database).withTables();
});
afterAll(async () => {
  await database.close();
  await admin.end();
  await test.close();
  await rm(folder, { recursive: true });
});

const ends = new Map<string, SagaEnd>();
const remember = async (id: string, end: SagaEnd) => void ends.set(id, end);

function engineOf(tables = [sampleSaga], finish = remember): SagaEngine<SampleData> {
  return new SagaEngine(optionsOf(tables, finish));
}

function optionsOf(tables: SagaTable<SampleData>[], finish = remember): SagaOptions<SampleData> {
  return { service: 'sample', database, outbox: app.get(Outbox), tables, finish };
}

async function started(engine = engineOf(), deadlineSeconds = 60): Promise<string> {
  const orderId = randomUUID();
  await engine.start(orderId, { orderId, paymentMethod: 'pm_sample' }, deadlineSeconds);
  return orderId;
}

const sent = async (id: string): Promise<string[]> =>
  (await admin.query('SELECT type FROM outbox WHERE aggregateid = $1 ORDER BY seq', [id])).rows.map((row) => row.type);
const instance = async (id: string) => (await admin.query('SELECT * FROM saga_instances WHERE id = $1', [id])).rows[0];
const causes = async (id: string): Promise<string[]> =>
  (await admin.query('SELECT cause FROM saga_transitions WHERE id = $1 ORDER BY sequence', [id])).rows.map(
    (row) => row.cause,
  );

describe('a saga instance', () => {
  it('is written together with its first command, or not at all', async () => {
    const orderId = randomUUID();
    const failing = database.transaction(async () => {
      await engineOf().start(orderId, { orderId }, 60);
      throw new Error('the order could not be made');
    });
    await expect(failing).rejects.toThrow('the order could not be made');
    expect([await instance(orderId), await sent(orderId)]).toEqual([undefined, []]);
    const id = await started();
    expect(await instance(id)).toMatchObject({ version: 1, transitions: 1, ended_at: null });
    expect(await sent(id)).toEqual(['inventory.ReserveStock.v1']);
  });

  it('moves by replies, writes down why, and ends once', async () => {
    const engine = engineOf();
    const id = await started(engine);
    await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
    await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
    expect((await instance(id)).data).toEqual({ orderId: id });
    await engine.reply(id, PaymentAuthorizedSchema, create(PaymentAuthorizedSchema));
    expect((await instance(id)).deadline_at).toBeNull();
    await engine.reply(id, PaymentCapturedSchema, create(PaymentCapturedSchema));
    await engine.reply(id, StockClaimedSchema, create(StockClaimedSchema));
    expect(ends.get(id)).toEqual({ phase: 'completed' });
    expect(await causes(id)).toEqual([
      ...['start', 'inventory.StockReserved.v1', 'payments.PaymentAuthorized.v1'],
      ...['payments.PaymentCaptured.v1', 'inventory.StockClaimed.v1'],
    ]);
    expect((await instance(id)).ended_at).not.toBeNull();
    expect(await engine.cancel(id)).toBe('too late');
  });

  it('carries the reason of a refusal to its end', async () => {
    const engine = engineOf();
    const id = await started(engine);
    const refusal = create(StockReservationRejectedSchema, { sku: 'tea' });
    await engine.reply(id, StockReservationRejectedSchema, refusal);
    expect(ends.get(id)).toEqual({
      phase: 'compensated',
      cause: { kind: 'refused', step: 'reserve', reason: 'no tea' },
    });
  });

  it('is measured from its beginning to its end, and counted as open until then', async () => {
    const engine = engineOf();
    const duration = async () =>
      (await metric('saga_duration'))['sample compensated'] as { count: number; sum: number };
    const before = (await duration())?.count ?? 0;
    const id = await started(engine);
    const open = Number((await metric('saga_open')).sample);
    expect(open).toBeGreaterThan(0);
    await admin.query(`UPDATE saga_instances SET created_at = now() - interval '20 s' WHERE id = $1`, [id]);
    await engine.reply(id, StockReservationRejectedSchema, create(StockReservationRejectedSchema, { sku: 'tea' }));
    const { count, sum } = await duration();
    expect(count).toBe(before + 1);
    expect(sum).toBeGreaterThan(20);
    expect((await metric('saga_open')).sample).toBe(open - 1);
  });

  it('does not end when its end cannot be brought home', async () => {
    const id = await started();
    const failing = engineOf([sampleSaga], () => Promise.reject(new Error('no such order')));
    const refusal = create(StockReservationRejectedSchema, { sku: 'tea' });
    await expect(failing.reply(id, StockReservationRejectedSchema, refusal)).rejects.toThrow('no such order');
    expect((await instance(id)).ended_at).toBeNull();
    expect(await causes(id)).toEqual(['start']);
  });

  it('is locked while it moves: a reply and a cancellation at the same time do not both act', async () => {
    const engine = engineOf();
    for (let round = 0; round < 10; round += 1) {
      const id = await started(engine);
      await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
      const [cancelled] = await Promise.all([
        engine.cancel(id),
        engine.reply(id, PaymentAuthorizedSchema, create(PaymentAuthorizedSchema)),
      ]);
      const last = (await sent(id)).slice(2);
      if (cancelled === 'done') expect(last).toEqual(['payments.VoidPayment.v1', 'inventory.ReleaseStock.v1']);
      else expect(last).toEqual(['payments.CapturePayment.v1']);
    }
  });

  it('is asked for by replies of nothing but itself', async () => {
    const nobody = randomUUID();
    await expect(engineOf().reply(nobody, StockReservedSchema, create(StockReservedSchema))).rejects.toThrow(
      `There is no sample of ${nobody}`,
    );
  });
});

describe('a new version of a table', () => {
  const [reserve, , ...rest] = sampleDefinition.steps;
  const shorter = defineSaga({ ...sampleDefinition, version: 2, steps: reserve ? [reserve, ...rest] : rest });

  it('is for new instances: old ones finish by the table they began with', async () => {
    const old = await started(engineOf([sampleSaga]));
    const engine = engineOf([sampleSaga, shorter]);
    const young = await started(engine);
    for (const id of [old, young]) await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
    expect((await sent(old))[1]).toBe('payments.AuthorizePayment.v1');
    expect((await sent(young))[1]).toBe('payments.CapturePayment.v1');
  });

  it('may come with a release that does not begin with it yet', async () => {
    const engine = new SagaEngine({ ...optionsOf([sampleSaga, shorter]), begins: 1 });
    expect((await instance(await started(engine))).version).toBe(1);
    expect(() => new SagaEngine({ ...optionsOf([sampleSaga]), begins: 2 })).toThrow(
      'sample cannot begin with v2: there is no such table',
    );
  });

  it('keeps a release from being ready that has dropped the table of open instances', async () => {
    await started(engineOf([sampleSaga]));
    expect(await engineOf([sampleSaga, shorter]).problem()).toBeUndefined();
    expect(await engineOf([shorter]).problem()).toBe(
      'open instances of sample began with v1, which this release does not know',
    );
  });

  it('is left alone by an older release: replies wait, deadlines do not act, people are sent elsewhere', async () => {
    const [older, newer] = [engineOf([sampleSaga]), engineOf([sampleSaga, shorter])];
    const id = await started(newer, 60);
    const reply = () => older.reply(id, StockReservedSchema, create(StockReservedSchema));
    await expect(reply()).rejects.toThrow(RetryLater);
    await expect(older.cancel(id)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(older.openTo({ version: 2, state: { phase: 'running', step: 'reserve' } }).choices).toEqual([]);
    expect(await older.problem()).toBeUndefined();
    expect(await older.notice()).toBe('open instances of sample began with v2, and wait for a release that knows it');
    await admin.query(`UPDATE saga_instances SET deadline_at = now() - interval '1 second' WHERE id = $1`, [id]);
    await older.sweep();
    expect(await causes(id)).toEqual(['start']);
    await newer.sweep();
    expect(await causes(id)).toEqual(['start', 'deadline']);
  });

  it('needs a number of its own', () => {
    expect(() => engineOf([sampleSaga, sampleSaga])).toThrow('Two tables of sample have the same version');
  });
});

describe('the sweep of deadlines', () => {
  const makeDue = (id: string) =>
    admin.query("UPDATE saga_instances SET deadline_at = now() - interval '1 hour' WHERE id = $1", [id]);

  it('turns back what is due by the clock of the database, and nothing else', async () => {
    const engine = engineOf();
    const [due, later] = [await started(engine), await started(engine)];
    await makeDue(due);
    expect(await engine.sweep()).toBe(1);
    expect(await sent(due)).toEqual(['inventory.ReserveStock.v1', 'inventory.ReleaseStock.v1']);
    expect((await instance(due)).data).toEqual({ orderId: due });
    expect(await causes(later)).toEqual(['start']);
    await engine.reply(due, StockReleasedSchema, create(StockReleasedSchema));
    expect(ends.get(due)).toEqual({ phase: 'compensated', cause: { kind: 'deadline' } });
  });

  it('passes over what another transaction is moving', async () => {
    const engine = engineOf();
    const id = await started(engine);
    await makeDue(id);
    const other = await admin.connect();
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM saga_instances WHERE id = $1 FOR UPDATE', [id]);
    expect(await engine.sweep()).toBe(0);
    await other.query('ROLLBACK');
    other.release();
    expect(await engine.sweep()).toBe(1);
  });

  it('is done by one replica at a time', async () => {
    const engine = engineOf();
    const id = await started(engine);
    await makeDue(id);
    const other = await admin.connect();
    await other.query('BEGIN');
    await other.query("SELECT pg_advisory_xact_lock(hashtext('sample'), hashtext('saga deadlines of sample'))");
    expect(await engine.sweep()).toBe(0);
    await other.query('ROLLBACK');
    other.release();
    expect(await engine.sweep()).toBe(1);
  });

  it('puts back an instance that cannot be moved, so that the others get their turn', async () => {
    const engine = engineOf();
    const [broken, sound] = [await started(engine), await started(engine)];
    await makeDue(sound);
    const state = { phase: 'running', step: 'none' };
    await admin.query("UPDATE saga_instances SET state = $2, deadline_at = now() - interval '2 hours' WHERE id = $1", [
      broken,
      JSON.stringify(state),
    ]);
    await expect(engine.sweep()).rejects.toThrow(`The deadline of sample ${broken} could not act`);
    expect(await engine.sweep()).toBe(1);
    expect((await causes(sound)).at(-1)).toBe('deadline');
    await admin.query('DELETE FROM saga_instances WHERE id = $1', [broken]);
  });
});

it('counts what is open, and how old the oldest is, for the metrics', async () => {
  const store = new SagaStore(database, 'sample');
  const before = await store.open();
  const id = await started();
  await admin.query("UPDATE saga_instances SET created_at = now() - interval '2 days' WHERE id = $1", [id]);
  const { count, oldestSeconds } = await store.open();
  expect(count).toBe(before.count + 1);
  expect(Math.round(oldestSeconds / 3600)).toBe(48);
  expect(await new SagaStore(database, 'nothing').open()).toEqual({ count: 0, oldestSeconds: 0 });
});

describe('an operator', () => {
  const nothing = async () => {};
  const operated = () =>
    new SagaEngine<SampleData>({
      ...{ service: 'sample', database, outbox: app.get(Outbox), tables: [sampleSaga], finish: remember },
      refusals: ['OUT_OF_STOCK'],
    });

  it('sends a command again without moving the saga on, and leaves a line in its history', async () => {
    const engine = operated();
    const id = await started(engine);
    await engine.retry(id, nothing);
    expect(await sent(id)).toEqual(['inventory.ReserveStock.v1', 'inventory.ReserveStock.v1']);
    expect(await instance(id)).toMatchObject({ transitions: 2, state: { phase: 'running', step: 'reserve' } });
    expect((await instance(id)).deadline_at).not.toBeNull();
    expect(await causes(id)).toEqual(['start', 'operator: retry']);
  });

  it('cannot send again what carried erased data', async () => {
    const engine = operated();
    const id = await started(engine);
    await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
    await expect(engine.retry(id, nothing)).rejects.toMatchObject({ code: 'SAGA_MOVE_NOT_ALLOWED' });
    expect(await causes(id)).toHaveLength(2);
  });

  it('decides the outcome of a step; the answer that comes after all is ignored', async () => {
    const engine = operated();
    const id = await started(engine);
    await engine.resolve(id, { moves: 1, choice: { outcome: 'STEP_SUCCEEDED' } }, nothing);
    await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
    expect(await sent(id)).toEqual(['inventory.ReserveStock.v1', 'payments.AuthorizePayment.v1']);
    expect(await causes(id)).toEqual(['start', 'operator: STEP_SUCCEEDED']);
  });

  it('ends a saga whose undo is never answered', async () => {
    const engine = operated();
    const id = await started(engine);
    await engine.resolve(id, { moves: 1, choice: { outcome: 'TURN_BACK' } }, nothing);
    const undone = { outcome: 'UNDONE', undo: 'inventory.ReleaseStock.v1' } as const;
    await engine.resolve(id, { moves: 2, choice: undone }, nothing);
    expect(ends.get(id)).toEqual({ phase: 'compensated', cause: { kind: 'cancelled' } });
  });

  it.each([
    [
      'a refusal that the owner does not know',
      { outcome: 'STEP_REFUSED', refusal: 'BORED' },
      1,
      'SAGA_MOVE_NOT_ALLOWED',
    ],
    [
      'an undo that nobody asked for',
      { outcome: 'UNDONE', undo: 'payments.VoidPayment.v1' },
      1,
      'SAGA_MOVE_NOT_ALLOWED',
    ],
    ['a decision on a state that is over', { outcome: 'STEP_SUCCEEDED' }, 3, 'SAGA_MOVED'],
  ] as const)('is refused %s', async (_, choice, moves, code) => {
    const engine = operated();
    const id = await started(engine);
    await expect(engine.resolve(id, { moves, choice }, nothing)).rejects.toMatchObject({ code });
    await expect(engine.resolve(randomUUID(), { moves, choice }, nothing)).rejects.toMatchObject({
      code: 'SAGA_NOT_FOUND',
    });
    expect(await causes(id)).toEqual(['start']);
  });

  it('writes what belongs to the decision with it, or neither', async () => {
    const engine = operated();
    const id = await started(engine);
    const failing = engine.resolve(id, { moves: 1, choice: { outcome: 'TURN_BACK' } }, async () => {
      throw new Error('the audit log is full');
    });
    await expect(failing).rejects.toThrow('the audit log is full');
    expect([await causes(id), (await instance(id)).transitions]).toEqual([['start'], 1]);
  });
});

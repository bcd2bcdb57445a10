import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import {
  PaymentAuthorizedSchema,
  PaymentCapturedSchema,
  StockClaimedSchema,
  StockReservationRejectedSchema,
  StockReservedSchema,
} from '#libs/contracts';
import { recordMetrics } from '#libs/testing';
import { SampleRoom } from '../test/sample-room.js';
import { SagaStore } from './saga.store.js';

const metric = recordMetrics();
let room: SampleRoom;

beforeAll(async () => {
  room = await SampleRoom.open();
});

afterAll(() => room?.close());

describe('a saga instance', () => {
  it('is written together with its first command, or not at all', async () => {
    const orderId = randomUUID();
    const failing = room.database.transaction(async () => {
      await room.engine().start(orderId, { orderId }, 60);
      throw new Error('the order could not be made');
    });
    await expect(failing).rejects.toThrow('the order could not be made');
    expect([await room.instance(orderId), await room.sent(orderId)]).toEqual([undefined, []]);
    const id = await room.started();
    expect(await room.instance(id)).toMatchObject({ version: 1, transitions: 1, ended_at: null });
    expect(await room.sent(id)).toEqual(['inventory.ReserveStock.v1']);
  });

  it('moves by replies, writes down why, and ends once', async () => {
    const engine = room.engine();
    const id = await room.started(engine);
    await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
    await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
    expect((await room.instance(id)).data).toEqual({ orderId: id });
    await engine.reply(id, PaymentAuthorizedSchema, create(PaymentAuthorizedSchema));
    expect((await room.instance(id)).deadline_at).toBeNull();
    await engine.reply(id, PaymentCapturedSchema, create(PaymentCapturedSchema));
    await engine.reply(id, StockClaimedSchema, create(StockClaimedSchema));
    expect(room.ends.get(id)).toEqual({ phase: 'completed' });
    expect(await room.causes(id)).toEqual([
      ...['start', 'inventory.StockReserved.v1', 'payments.PaymentAuthorized.v1'],
      ...['payments.PaymentCaptured.v1', 'inventory.StockClaimed.v1'],
    ]);
    expect((await room.instance(id)).ended_at).not.toBeNull();
    expect(await engine.cancel(id)).toBe('too late');
  });

  it('carries the reason of a refusal to its end', async () => {
    const engine = room.engine();
    const id = await room.started(engine);
    const refusal = create(StockReservationRejectedSchema, { sku: 'tea' });
    await engine.reply(id, StockReservationRejectedSchema, refusal);
    expect(room.ends.get(id)).toEqual({
      phase: 'compensated',
      cause: { kind: 'refused', step: 'reserve', reason: 'no tea' },
    });
  });

  it('is measured from its beginning to its end, and counted as open until then', async () => {
    const engine = room.engine();
    const duration = async () =>
      (await metric('saga_duration'))['sample compensated'] as { count: number; sum: number };
    const before = (await duration())?.count ?? 0;
    const id = await room.started(engine);
    const open = Number((await metric('saga_open')).sample);
    expect(open).toBeGreaterThan(0);
    await room.admin.query(`UPDATE saga_instances SET created_at = now() - interval '20 s' WHERE id = $1`, [id]);
    await engine.reply(id, StockReservationRejectedSchema, create(StockReservationRejectedSchema, { sku: 'tea' }));
    const { count, sum } = await duration();
    expect(count).toBe(before + 1);
    expect(sum).toBeGreaterThan(20);
    expect((await metric('saga_open')).sample).toBe(open - 1);
  });

  it('does not end when its end cannot be brought home', async () => {
    const id = await room.started();
    const failing = room.engine({ finish: () => Promise.reject(new Error('no such order')) });
    const refusal = create(StockReservationRejectedSchema, { sku: 'tea' });
    await expect(failing.reply(id, StockReservationRejectedSchema, refusal)).rejects.toThrow('no such order');
    expect((await room.instance(id)).ended_at).toBeNull();
    expect(await room.causes(id)).toEqual(['start']);
  });

  it('is locked while it moves: a reply and a cancellation at the same time do not both act', async () => {
    const engine = room.engine();
    for (let round = 0; round < 10; round += 1) {
      const id = await room.started(engine);
      await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
      const [cancelled] = await Promise.all([
        engine.cancel(id),
        engine.reply(id, PaymentAuthorizedSchema, create(PaymentAuthorizedSchema)),
      ]);
      const last = (await room.sent(id)).slice(2);
      if (cancelled === 'done') expect(last).toEqual(['payments.VoidPayment.v1', 'inventory.ReleaseStock.v1']);
      else expect(last).toEqual(['payments.CapturePayment.v1']);
    }
  });

  it('is asked for by replies of nothing but itself', async () => {
    const nobody = randomUUID();
    await expect(room.engine().reply(nobody, StockReservedSchema, create(StockReservedSchema))).rejects.toThrow(
      `There is no sample of ${nobody}`,
    );
  });
});

it('counts what is open, and how old the oldest is, for the metrics', async () => {
  const store = new SagaStore(room.database, 'sample');
  const before = await store.open();
  const id = await room.started();
  await room.admin.query("UPDATE saga_instances SET created_at = now() - interval '2 days' WHERE id = $1", [id]);
  const { count, oldestSeconds } = await store.open();
  expect(count).toBe(before.count + 1);
  expect(Math.round(oldestSeconds / 3600)).toBe(48);
  expect(await new SagaStore(room.database, 'nothing').open()).toEqual({ count: 0, oldestSeconds: 0 });
});

import { create } from '@bufbuild/protobuf';
import { StockReservedSchema } from '#libs/contracts';
import { RetryLater } from '#libs/messaging';
import { SampleRoom } from '../test/sample-room.js';
import { defineSaga } from './define-saga.js';
import { sampleDefinition, sampleSaga } from './sample-saga.js';

let room: SampleRoom;

beforeAll(async () => {
  room = await SampleRoom.open();
});

afterAll(() => room?.close());

describe('a new version of a table', () => {
  const [reserve, , ...rest] = sampleDefinition.steps;
  const shorter = defineSaga({ ...sampleDefinition, version: 2, steps: reserve ? [reserve, ...rest] : rest });

  it('is for new instances: old ones finish by the table they began with', async () => {
    const old = await room.started(room.engine({ tables: [sampleSaga] }));
    const engine = room.engine({ tables: [sampleSaga, shorter] });
    const young = await room.started(engine);
    for (const id of [old, young]) await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
    expect((await room.sent(old))[1]).toBe('payments.AuthorizePayment.v1');
    expect((await room.sent(young))[1]).toBe('payments.CapturePayment.v1');
  });

  it('may come with a release that does not begin with it yet', async () => {
    const engine = room.engine({ tables: [sampleSaga, shorter], begins: 1 });
    expect((await room.instance(await room.started(engine))).version).toBe(1);
    expect(() => room.engine({ begins: 2 })).toThrow('sample cannot begin with v2: there is no such table');
  });

  it('keeps a release from being ready that has dropped the table of open instances', async () => {
    await room.started(room.engine({ tables: [sampleSaga] }));
    expect(await room.engine({ tables: [sampleSaga, shorter] }).problem()).toBeUndefined();
    expect(await room.engine({ tables: [shorter] }).problem()).toBe(
      'open instances of sample began with v1, which this release does not know',
    );
  });

  it('is left alone by an older release: replies wait, deadlines do not act, people are sent elsewhere', async () => {
    const [older, newer] = [room.engine({ tables: [sampleSaga] }), room.engine({ tables: [sampleSaga, shorter] })];
    const id = await room.started(newer);
    const reply = () => older.reply(id, StockReservedSchema, create(StockReservedSchema));
    await expect(reply()).rejects.toThrow(RetryLater);
    await expect(older.cancel(id)).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(older.openTo({ version: 2, state: { phase: 'running', step: 'reserve' } }).choices).toEqual([]);
    expect(await older.problem()).toBeUndefined();
    expect(await older.notice()).toBe('open instances of sample began with v2, and wait for a release that knows it');
    await room.admin.query(`UPDATE saga_instances SET deadline_at = now() - interval '1 second' WHERE id = $1`, [id]);
    await older.sweep();
    expect(await room.causes(id)).toEqual(['start']);
    await newer.sweep();
    expect(await room.causes(id)).toEqual(['start', 'deadline']);
  });

  it('needs a number of its own', () => {
    expect(() => room.engine({ tables: [sampleSaga, sampleSaga] })).toThrow(
      'Two tables of sample have the same version',
    );
  });
});

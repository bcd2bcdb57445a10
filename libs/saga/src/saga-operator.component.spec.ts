import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { StockReservedSchema } from '#libs/contracts';
import { SampleRoom } from '../test/sample-room.js';

let room: SampleRoom;

beforeAll(async () => {
  room = await SampleRoom.open();
});

afterAll(() => room?.close());

describe('an operator', () => {
  const nothing = async () => {};
  const operated = () => room.engine({ refusals: ['OUT_OF_STOCK'] });

  it('sends a command again without moving the saga on, and leaves a line in its history', async () => {
    const engine = operated();
    const id = await room.started(engine);
    await engine.retry(id, nothing);
    expect(await room.sent(id)).toEqual(['inventory.ReserveStock.v1', 'inventory.ReserveStock.v1']);
    expect(await room.instance(id)).toMatchObject({ transitions: 2, state: { phase: 'running', step: 'reserve' } });
    expect((await room.instance(id)).deadline_at).not.toBeNull();
    expect(await room.causes(id)).toEqual(['start', 'operator: retry']);
  });

  it('cannot send again what carried erased data', async () => {
    const engine = operated();
    const id = await room.started(engine);
    await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
    await expect(engine.retry(id, nothing)).rejects.toMatchObject({ code: 'SAGA_MOVE_NOT_ALLOWED' });
    expect(await room.causes(id)).toHaveLength(2);
  });

  it('decides the outcome of a step; the answer that comes after all is ignored', async () => {
    const engine = operated();
    const id = await room.started(engine);
    await engine.resolve(id, { moves: 1, choice: { outcome: 'STEP_SUCCEEDED' } }, nothing);
    await engine.reply(id, StockReservedSchema, create(StockReservedSchema));
    expect(await room.sent(id)).toEqual(['inventory.ReserveStock.v1', 'payments.AuthorizePayment.v1']);
    expect(await room.causes(id)).toEqual(['start', 'operator: STEP_SUCCEEDED']);
  });

  it('ends a saga whose undo is never answered', async () => {
    const engine = operated();
    const id = await room.started(engine);
    await engine.resolve(id, { moves: 1, choice: { outcome: 'TURN_BACK' } }, nothing);
    const undone = { outcome: 'UNDONE', undo: 'inventory.ReleaseStock.v1' } as const;
    await engine.resolve(id, { moves: 2, choice: undone }, nothing);
    expect(room.ends.get(id)).toEqual({ phase: 'compensated', cause: { kind: 'cancelled' } });
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
    const id = await room.started(engine);
    await expect(engine.resolve(id, { moves, choice }, nothing)).rejects.toMatchObject({ code });
    await expect(engine.resolve(randomUUID(), { moves, choice }, nothing)).rejects.toMatchObject({
      code: 'SAGA_NOT_FOUND',
    });
    expect(await room.causes(id)).toEqual(['start']);
  });

  it('writes what belongs to the decision with it, or neither', async () => {
    const engine = operated();
    const id = await room.started(engine);
    const failing = engine.resolve(id, { moves: 1, choice: { outcome: 'TURN_BACK' } }, async () => {
      throw new Error('the audit log is full');
    });
    await expect(failing).rejects.toThrow('the audit log is full');
    expect([await room.causes(id), (await room.instance(id)).transitions]).toEqual([['start'], 1]);
  });
});

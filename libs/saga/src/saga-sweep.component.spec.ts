import { create } from '@bufbuild/protobuf';
import { StockReleasedSchema } from '#libs/contracts';
import { SampleRoom } from '../test/sample-room.js';

let room: SampleRoom;

beforeAll(async () => {
  room = await SampleRoom.open();
});

afterAll(() => room?.close());

describe('the sweep of deadlines', () => {
  const makeDue = (id: string) =>
    room.admin.query("UPDATE saga_instances SET deadline_at = now() - interval '1 hour' WHERE id = $1", [id]);

  it('turns back what is due by the clock of the room.database, and nothing else', async () => {
    const engine = room.engine();
    const [due, later] = [await room.started(engine), await room.started(engine)];
    await makeDue(due);
    expect(await engine.sweep()).toBe(1);
    expect(await room.sent(due)).toEqual(['inventory.ReserveStock.v1', 'inventory.ReleaseStock.v1']);
    expect((await room.instance(due)).data).toEqual({ orderId: due });
    expect(await room.causes(later)).toEqual(['start']);
    await engine.reply(due, StockReleasedSchema, create(StockReleasedSchema));
    expect(room.ends.get(due)).toEqual({ phase: 'compensated', cause: { kind: 'deadline' } });
  });

  it('passes over what another transaction is moving', async () => {
    const engine = room.engine();
    const id = await room.started(engine);
    await makeDue(id);
    const other = await room.admin.connect();
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM saga_instances WHERE id = $1 FOR UPDATE', [id]);
    expect(await engine.sweep()).toBe(0);
    await other.query('ROLLBACK');
    other.release();
    expect(await engine.sweep()).toBe(1);
  });

  it('is done by one replica at a time', async () => {
    const engine = room.engine();
    const id = await room.started(engine);
    await makeDue(id);
    const other = await room.admin.connect();
    await other.query('BEGIN');
    await other.query("SELECT pg_advisory_xact_lock(hashtext('sample'), hashtext('saga deadlines of sample'))");
    expect(await engine.sweep()).toBe(0);
    await other.query('ROLLBACK');
    other.release();
    expect(await engine.sweep()).toBe(1);
  });

  it('puts back an instance that cannot be moved, so that the others get their turn', async () => {
    const engine = room.engine();
    const [broken, sound] = [await room.started(engine), await room.started(engine)];
    await makeDue(sound);
    const state = { phase: 'running', step: 'none' };
    await room.admin.query(
      "UPDATE saga_instances SET state = $2, deadline_at = now() - interval '2 hours' WHERE id = $1",
      [broken, JSON.stringify(state)],
    );
    await expect(engine.sweep()).rejects.toThrow(`The deadline of sample ${broken} could not act`);
    expect(await engine.sweep()).toBe(1);
    expect((await room.causes(sound)).at(-1)).toBe('deadline');
    await room.admin.query('DELETE FROM saga_instances WHERE id = $1', [broken]);
  });
});

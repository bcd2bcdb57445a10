import { type TestDatabase, testDatabase, until } from '#libs/testing';
import { StockRoom, wish } from '../../test/stock-room.js';

let database: TestDatabase;
let room: StockRoom;

beforeAll(async () => {
  database = await testDatabase('inventory');
  room = await StockRoom.open(database);
});

afterEach(async () => {
  expect(await room.violations()).toEqual([]);
  const { rows } = await room.admin.query(
    'SELECT sku FROM stock JOIN products USING (sku) WHERE low_at IS DISTINCT FROM low_stock_threshold',
  );
  expect(rows).toEqual([]);
});

afterAll(async () => {
  await room?.close();
  await database?.close();
});

const adjust = (sku: string, delta: number, warehouse = 'main') => room.adjust({ sku, warehouse, delta, reason: 'x' });
const product = async (units: Record<string, number>, threshold?: number) => {
  const sku = await room.product(units);
  await room.setThreshold(sku, threshold);
  return sku;
};
/** Units that are reserved cannot be taken. */
const unlessReserved = (error: unknown) => expect(error).toMatchObject({ code: 'STOCK_BELOW_COMMITTED' });
const reserve = (sku: string, quantity: number) => room.reservations.reserve(wish({ [sku]: quantity }));

describe('stock that runs low', () => {
  it('is told when the last unit above the threshold goes, once', async () => {
    const sku = await product({ main: 10 }, 5);
    await reserve(sku, 4);
    expect(await room.toldLow(sku)).toEqual([]);
    for (const quantity of [1, 1, 2]) await reserve(sku, quantity);
    expect(await room.toldLow(sku)).toEqual([{ available: 5, threshold: 5 }]);
  });

  it('is told with what is left when an order goes far below', async () => {
    const sku = await product({ main: 10 }, 5);
    await reserve(sku, 10);
    expect(await room.toldLow(sku)).toEqual([{ available: 0, threshold: 5 }]);
  });

  it('is told again only after there was more', async () => {
    const sku = await product({ main: 6 }, 5);
    const order = wish({ [sku]: 3 });
    await room.reservations.reserve(order);
    await reserve(sku, 1);
    await adjust(sku, 3);
    await reserve(sku, 1);
    expect(await room.toldLow(sku)).toHaveLength(1);
    await room.reservations.release(order.orderId);
    await reserve(sku, 2);
    expect(await room.toldLow(sku)).toEqual([
      { available: 3, threshold: 5 },
      { available: 5, threshold: 5 },
    ]);
  });

  it('counts all warehouses together', async () => {
    const sku = await product({ east: 4, main: 4 }, 3);
    await reserve(sku, 4);
    expect(await room.toldLow(sku)).toEqual([]);
    await adjust(sku, -1, 'main');
    expect(await room.toldLow(sku)).toEqual([{ available: 3, threshold: 3 }]);
  });

  it('is not told of an order that got nothing, nor of one that is repeated', async () => {
    const sku = await product({ main: 10 }, 5);
    await room.reservations.reserve(wish({ [sku]: 6, 'no-such-thing': 1 }));
    expect(await room.toldLow(sku)).toEqual([]);
    const order = wish({ [sku]: 6 });
    for (let time = 0; time < 3; time++) await room.reservations.reserve(order);
    expect(await room.toldLow(sku)).toHaveLength(1);
  });

  it('adds up lines of one product', async () => {
    const sku = await product({ main: 10 }, 5);
    const lines = [3, 2].map((quantity) => ({ sku, quantity }));
    await room.reservations.reserve(wish({}, { lines }));
    expect(await room.toldLow(sku)).toEqual([{ available: 5, threshold: 5 }]);
  });

  it('is not told where nobody wants to know, and at nothing left where the threshold is 0', async () => {
    const silent = await product({ main: 2 });
    const empty = await product({ main: 2 }, 0);
    for (const sku of [silent, empty, silent, empty]) await reserve(sku, 1);
    expect(await room.toldLow(silent)).toEqual([]);
    expect(await room.toldLow(empty)).toEqual([{ available: 0, threshold: 0 }]);
  });

  it('is told when the threshold rises above what is there, and not when it moves below or was above before', async () => {
    const sku = await product({ main: 10 }, 5);
    await room.setThreshold(sku, 20);
    await room.setThreshold(sku, 30);
    await room.setThreshold(sku, undefined);
    await room.setThreshold(sku, 9);
    expect(await room.toldLow(sku)).toEqual([{ available: 10, threshold: 20 }]);
    await reserve(sku, 1);
    expect(await room.toldLow(sku)).toHaveLength(2);
  });
});

describe('many who take units at once', () => {
  it('leave movements in the order in which the counters changed', async () => {
    const sku = await product({ main: 10 });
    const order = wish({ [sku]: 1 });
    await room.reservations.reserve(order);
    const client = await room.admin.connect();
    await client.query('BEGIN');
    await client.query('UPDATE stock SET stocked = stocked + 1 WHERE sku = $1', [sku]);
    const released = room.reservations.release(order.orderId);
    const isWaiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await room.admin.query(isWaiting)).rows.length > 0, { what: 'the release to wait' });
    const movement = `INSERT INTO stock_movements (sku, warehouse, kind, quantity, reason) VALUES ($1, 'main', 'adjust', 1, 'x')`;
    await client.query(movement, [sku]);
    await client.query('COMMIT');
    client.release();
    await released;
    const { rows } = await room.admin.query('SELECT kind FROM stock_movements WHERE sku = $1 ORDER BY id', [sku]);
    expect(rows.map(({ kind }) => kind)).toEqual(['adjust', 'reserve', 'adjust', 'release']);
  });

  it('make one message of one crossing', async () => {
    const sku = await product({ main: 30, east: 10, west: 10 }, 25);
    await Promise.all(Array.from({ length: 60 }, () => reserve(sku, 1)));
    expect(await room.count(sku)).toMatchObject({ available: 0 });
    expect(await room.toldLow(sku)).toEqual([{ available: 25, threshold: 25 }]);
  });

  it('and give back, deliver and count make as many messages as there were crossings', async () => {
    const sku = await product({ main: 20, east: 5 }, 15);
    const work = Array.from({ length: 120 }, (_, i) => async () => {
      if (i % 4 === 3) return adjust(sku, i % 8 === 3 ? 2 : -1, i % 3 ? 'main' : 'east').catch(unlessReserved);
      const order = wish({ [sku]: 1 + (i % 3) });
      await room.reservations.reserve(order);
      if (i % 2) await room.reservations.release(order.orderId);
    });
    await Promise.all(work.map((start) => start()));
    expect(await room.toldLow(sku)).toEqual(await crossings(sku, 15));
  });

  it('hear each of a threshold that moves meanwhile', async () => {
    const sku = await product({ main: 60 }, 0);
    const thresholds = [10, 50, undefined, 30, 58, 5];
    await Promise.all([
      ...Array.from({ length: 50 }, () => reserve(sku, 1)),
      ...thresholds.map((threshold) => room.setThreshold(sku, threshold)),
      room.adjust({ sku, warehouse: 'main', delta: 3, reason: 'x' }),
    ]);
    await room.setThreshold(sku, 5);
    const told = await room.toldLow(sku);
    for (const { available, threshold } of told) expect(available).toBeLessThanOrEqual(threshold);
    while ((await room.count(sku)).available > 5) await reserve(sku, 1);
    expect((await room.toldLow(sku)).slice(told.length)).toEqual([{ available: 5, threshold: 5 }]);
  });
});

/** What the movement log says: it grows under the locks of the counters, so its order is theirs. */
async function crossings(sku: string, threshold: number): Promise<{ available: number; threshold: number }[]> {
  const { rows } = await room.admin.query(
    `SELECT sum(CASE kind WHEN 'reserve' THEN -quantity WHEN 'claim' THEN 0 ELSE quantity END)::integer AS change
     FROM stock_movements WHERE sku = $1 GROUP BY COALESCE(order_id::text, id::text), kind ORDER BY min(id)`,
    [sku],
  );
  const found: { available: number; threshold: number }[] = [];
  let available = 0;
  for (const { change } of rows) {
    const before = available;
    available += change;
    if (before > threshold && available <= threshold) found.push({ available, threshold });
  }
  return found;
}

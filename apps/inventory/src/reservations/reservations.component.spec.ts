import { sql } from 'kysely';
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
});

afterAll(async () => {
  await room?.close();
  await database?.close();
});

const granted = <T extends object>(answers: readonly T[]) => answers.filter((answer) => 'expireTime' in answer).length;

describe('reserving', () => {
  it('gives ten units to exactly ten of fifty orders at once', async () => {
    const sku = await room.product({ main: 10 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => room.reservations.reserve(wish({ [sku]: 1 }))));
    expect(granted(answers)).toBe(10);
    expect(answers.filter((answer) => 'rejection' in answer)).toHaveLength(40);
    expect(await room.count(sku)).toEqual({ available: 0, reserved: 10, sold: 0 });
  });

  it('neither deadlocks nor oversells when orders want the same products in another order', async () => {
    const skus = await Promise.all([30, 30, 30, 30].map((units) => room.product({ main: units, east: 10 })));
    const orders = Array.from({ length: 80 }, (_, i) => {
      const turned = skus.map((_, at) => skus[(at + i) % skus.length] ?? '');
      if (i % 2) turned.reverse();
      return wish(Object.fromEntries(turned.slice(0, 3).map((sku) => [sku, 1 + (i % 3)])));
    });
    const { rows: before } = await room.admin.query(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    const answers = await Promise.all(
      orders.map(async (order, i) => {
        const answer = await room.reservations.reserve(order);
        if (i % 4 === 0) await room.reservations.release(order.orderId);
        return answer;
      }),
    );
    // 80 wishes of up to 3 units of each product: however they meet, this many fit into 40.
    expect(granted(answers)).toBeGreaterThan(11);
    await room.admin.query('SELECT pg_stat_force_next_flush()');
    const { rows: after } = await room.admin.query(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    expect(after).toEqual(before);
  });

  it('takes nothing at all when one line cannot be had, and names the first such line', async () => {
    const plenty = await room.product({ main: 100 });
    const none = await room.product({ main: 0 });
    const answer = await room.reservations.reserve(wish({ [plenty]: 5, [none]: 1, 'no-such-thing': 1 }));
    expect(answer).toEqual({ rejection: { reason: 'OUT_OF_STOCK', sku: none } });
    expect(await room.count(plenty)).toEqual({ available: 100, reserved: 0, sold: 0 });
  });

  it('tells an unknown product from one that is out of stock', async () => {
    const answer = await room.reservations.reserve(wish({ 'no-such-thing': 1 }));
    expect(answer).toEqual({ rejection: { reason: 'UNKNOWN_SKU', sku: 'no-such-thing' } });
  });

  it('adds up lines of one product, also beyond what an integer holds', async () => {
    const sku = await room.product({ main: 5 });
    const lines = (...quantities: number[]) => quantities.map((quantity) => ({ sku, quantity }));
    const tooMany = await room.reservations.reserve(wish({}, { lines: lines(2 ** 31 - 1, 2 ** 31 - 1) }));
    expect(tooMany).toEqual({ rejection: { reason: 'OUT_OF_STOCK', sku } });
    expect(await room.reservations.reserve(wish({}, { lines: lines(3, 3) }))).toHaveProperty('rejection');
    expect(await room.reservations.reserve(wish({}, { lines: lines(3, 2) }))).toHaveProperty('expireTime');
  });

  it('takes a line from the first warehouse that has all of it, and from several where none has', async () => {
    const sku = await room.product({ east: 4, main: 6 });
    const taken = async (quantity: number) => {
      const order = wish({ [sku]: quantity });
      await room.reservations.reserve(order);
      const { rows } = await room.admin.query(
        'SELECT warehouse, quantity FROM reservation_lines WHERE order_id = $1 ORDER BY warehouse',
        [order.orderId],
      );
      return rows.map((row) => [row.warehouse, row.quantity]);
    };
    expect(await taken(5)).toEqual([['main', 5]]);
    expect(await taken(2)).toEqual([['east', 2]]);
    expect(await taken(3)).toEqual([
      ['east', 2],
      ['main', 1],
    ]);
    expect(await room.count(sku)).toEqual({ available: 0, reserved: 10, sold: 0 });
  });

  it('answers a repeated wish as the first time and takes nothing more', async () => {
    const sku = await room.product({ main: 5 });
    const order = wish({ [sku]: 2 });
    const answers = await Promise.all([1, 2, 3].map(() => room.reservations.reserve(order)));
    expect(answers).toEqual([answers[0], answers[0], answers[0]]);
    expect(granted(answers)).toBe(3);
    expect(await room.count(sku)).toEqual({ available: 3, reserved: 2, sold: 0 });
  });

  it('keeps a refusal even when stock has come since', async () => {
    const sku = await room.product({ main: 0 });
    const order = wish({ [sku]: 1 });
    await room.reservations.reserve(order);
    await room.adjust({ sku, warehouse: 'main', delta: 5, reason: 'delivery' });
    expect(await room.reservations.reserve(order)).toEqual({ rejection: { reason: 'OUT_OF_STOCK', sku } });
  });

  it('lasts as long as asked by the clock of the database', async () => {
    const sku = await room.product({ main: 1 });
    const { rows } = await room.admin.query('SELECT clock_timestamp() AS now');
    const answer = await room.reservations.reserve(wish({ [sku]: 1 }, { ttlMs: 90_000 }));
    const lasts = 'expireTime' in answer ? answer.expireTime.getTime() - rows[0].now.getTime() : Number.NaN;
    expect(lasts).toBeGreaterThanOrEqual(90_000);
    expect(lasts).toBeLessThan(100_000);
  });
});

describe('closing', () => {
  const reserved = async (units: number) => {
    const sku = await room.product({ main: units });
    const order = wish({ [sku]: units });
    await room.reservations.reserve(order);
    return { sku, orderId: order.orderId };
  };

  it('claims held units once, however often it is asked', async () => {
    const { sku, orderId } = await reserved(3);
    expect(await room.reservations.hold(orderId)).toBe(true);
    await Promise.all([1, 2, 3].map(() => room.reservations.claim(orderId)));
    expect(await room.count(sku)).toEqual({ available: 0, reserved: 0, sold: 3 });
    expect(await room.reservations.hold(orderId)).toBe(true);
  });

  it('gives units back once, however often it is asked', async () => {
    const { sku, orderId } = await reserved(3);
    await Promise.all([1, 2, 3].map(() => room.reservations.release(orderId)));
    expect(await room.count(sku)).toEqual({ available: 3, reserved: 0, sold: 0 });
    expect(await room.reservations.hold(orderId)).toBe(false);
  });

  it('gives held units back', async () => {
    const { sku, orderId } = await reserved(3);
    await room.reservations.hold(orderId);
    await room.reservations.release(orderId);
    expect(await room.count(sku)).toEqual({ available: 3, reserved: 0, sold: 0 });
  });

  it('refuses to claim what is not held, and to give back what is sold', async () => {
    const { sku, orderId } = await reserved(3);
    await expect(room.reservations.claim(orderId)).rejects.toThrow('cannot claim a reservation that is ACTIVE');
    await room.reservations.hold(orderId);
    await room.reservations.claim(orderId);
    await expect(room.reservations.release(orderId)).rejects.toThrow('cannot release a reservation that is CLAIMED');
    expect(await room.count(sku)).toEqual({ available: 0, reserved: 0, sold: 3 });
  });

  it('refuses a wish that comes after its release', async () => {
    const sku = await room.product({ main: 3 });
    const order = wish({ [sku]: 3 });
    await room.reservations.release(order.orderId);
    await room.reservations.release(order.orderId);
    expect(await room.reservations.reserve(order)).toEqual({ rejection: { reason: 'RELEASED', sku: '' } });
    expect(await room.count(sku)).toEqual({ available: 3, reserved: 0, sold: 0 });
  });

  it('leaves nothing reserved when wish and release of an order race', async () => {
    const sku = await room.product({ main: 40 });
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const order = wish({ [sku]: 2 });
        const both = [() => room.reservations.reserve(order), () => room.reservations.release(order.orderId)];
        await Promise.all((i % 2 ? both.reverse() : both).map((start) => start()));
        expect(await room.state(order.orderId)).toBe('RELEASED');
      }),
    );
    expect(await room.count(sku)).toEqual({ available: 40, reserved: 0, sold: 0 });
  });
});

describe('expiry', () => {
  it('refuses to hold a reservation whose time has passed, though nobody has swept it', async () => {
    const sku = await room.product({ main: 2 });
    const order = wish({ [sku]: 2 });
    await room.reservations.reserve(order);
    await room.makeDue(order.orderId);
    expect(await room.reservations.hold(order.orderId)).toBe(false);
    expect(await room.state(order.orderId)).toBe('EXPIRED');
    expect(await room.count(sku)).toEqual({ available: 2, reserved: 0, sold: 0 });
  });

  it('never expires what is held', async () => {
    const sku = await room.product({ main: 2 });
    const order = wish({ [sku]: 2 });
    await room.reservations.reserve(order);
    await room.reservations.hold(order.orderId);
    await room.makeDue(order.orderId);
    await room.sweeper().sweep();
    expect(await room.state(order.orderId)).toBe('HELD');
    await room.reservations.claim(order.orderId);
    expect(await room.count(sku)).toEqual({ available: 0, reserved: 0, sold: 2 });
  });

  it('and holding exclude each other when they race', async () => {
    const sku = await room.product({ main: 60 });
    const orders = Array.from({ length: 60 }, () => wish({ [sku]: 1 }));
    await Promise.all(orders.map((order) => room.reservations.reserve(order)));
    const sweep = async () => {
      await room.makeDue(...orders.map((order) => order.orderId));
      return room.reservations.expireDue(100);
    };
    const buy = async ({ orderId }: { orderId: string }): Promise<number> => {
      if (!(await room.reservations.hold(orderId))) return 0;
      await room.reservations.claim(orderId);
      return 1;
    };
    const [expired = 0, ...bought] = await Promise.all([sweep(), ...orders.map(buy)]);
    const sold = bought.reduce((sum, one) => sum + one, 0);
    expect(await room.count(sku)).toEqual({ available: 60 - sold, reserved: 0, sold });
    expect(expired).toBeLessThanOrEqual(60 - sold);
  });

  it('is done once by several sweepers at the same time, batch by batch', async () => {
    const skus = await Promise.all([0, 1, 2].map(() => room.product({ main: 250 })));
    const orders = Array.from({ length: 250 }, (_, i) =>
      wish(Object.fromEntries(skus.slice(i % 3).map((sku) => [sku, 1]))),
    );
    await Promise.all(orders.map((order) => room.reservations.reserve(order)));
    await room.makeDue(...orders.map((order) => order.orderId));
    const sweepers = [1, 2, 3].map(() => room.sweeper());
    const expired = await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
    expect(expired.reduce((sum, one) => sum + one, 0)).toBe(250);
    for (const sku of skus) expect(await room.count(sku)).toMatchObject({ available: 250, reserved: 0 });
  });

  it('comes within the time to live and one interval of the running sweeper', async () => {
    const sku = await room.product({ main: 1 });
    const order = wish({ [sku]: 1 }, { ttlMs: 300 });
    const sweeper = room.sweeper();
    sweeper.onApplicationBootstrap();
    await room.reservations.reserve(order);
    const { rows } = await room.admin.query('SELECT expire_time FROM reservations WHERE order_id = $1', [
      order.orderId,
    ]);
    await until(async () => (await room.state(order.orderId)) === 'EXPIRED', { what: 'the sweeper' });
    await sweeper.beforeApplicationShutdown();
    const swept = await room.admin.query('SELECT update_time FROM reservations WHERE order_id = $1', [order.orderId]);
    const lag = swept.rows[0].update_time.getTime() - rows[0].expire_time.getTime();
    expect(lag).toBeGreaterThanOrEqual(0);
    expect(lag).toBeLessThan(3000);
  });
});

describe('the database itself', () => {
  it('refuses counters that sell more than is stocked', async () => {
    const sku = await room.product({ main: 3 });
    await expect(room.admin.query('UPDATE stock SET reserved = 4 WHERE sku = $1', [sku])).rejects.toThrow(
      'stock_available_check',
    );
  });

  it('refuses to rewrite the movement log, to the service and to its owner', async () => {
    await room.product({ main: 3 });
    const service = room.database.db;
    await expect(sql`UPDATE stock_movements SET quantity = 1`.execute(service)).rejects.toThrow(
      'permission denied for table stock_movements',
    );
    await expect(service.deleteFrom('stock_movements').execute()).rejects.toThrow('permission denied');
    await expect(room.admin.query('UPDATE stock_movements SET quantity = 1')).rejects.toThrow('append-only');
    await expect(room.admin.query('TRUNCATE stock_movements')).rejects.toThrow('append-only');
  });

  it('refuses to open a closed reservation again', async () => {
    const order = wish({ 'no-such-thing': 1 });
    await room.reservations.release(order.orderId);
    await expect(
      room.admin.query(`UPDATE reservations SET state = 'ACTIVE', expire_time = now() WHERE order_id = $1`, [
        order.orderId,
      ]),
    ).rejects.toThrow('the reservation is closed');
  });
});

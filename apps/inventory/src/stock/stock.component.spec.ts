import { randomUUID } from 'node:crypto';
import { StockMovement_Cause as Cause, HoldStockSchema, Inventory, ReserveStockSchema } from '#libs/contracts';
import { fromServiceError, type ReceivedError } from '#libs/errors';
import type { GrpcClient } from '#libs/service';
import type { TestService } from '#libs/testing';
import { someone, startInventory } from '../../test/inventory-service.js';
import { OrdersPeer } from '../../test/orders-peer.js';
import { StockRoom } from '../../test/stock-room.js';

const admin = someone('products:write', 'stock:write', 'stock:read');
let service: TestService;
let inventory: GrpcClient<typeof Inventory>;
let room: StockRoom;
let peer: OrdersPeer;

beforeAll(async () => {
  service = await startInventory();
  inventory = service.client(Inventory, { subject: 'anonymous', scopes: [] });
  room = await StockRoom.open(service.database);
  peer = await OrdersPeer.start(service.kafka);
}, 120_000);

afterEach(async () => {
  expect(await room.violations()).toEqual([]);
});

afterAll(async () => {
  await peer?.close();
  await room?.close();
  await service?.close();
});

const create = async (more: { lowStockThreshold?: number } = {}) => {
  const sku = `p-${randomUUID()}`;
  await inventory.createProduct(
    { sku, title: 'Kettle', price: { currencyCode: 'USD', minorUnits: 1n }, ...more },
    admin,
  );
  return sku;
};
const adjust = (sku: string, delta: number, warehouse = 'main') =>
  inventory.adjustStock({ sku, warehouse, delta, reason: `by ${delta}` }, admin);
const reserve = async (sku: string, quantity: number) => {
  const orderId = randomUUID();
  const lines = [{ sku, quantity }];
  await peer.send(ReserveStockSchema, { orderId, customerId: 'c', lines, ttl: { seconds: 600n } });
  await peer.received(orderId, 1);
  return orderId;
};
const refusal = async (call: Promise<unknown>): Promise<ReceivedError> =>
  call.then(
    () => Promise.reject(new Error('the call was not refused')),
    (error) => fromServiceError(error),
  );

describe('the stock of a product', () => {
  it('is told per warehouse', async () => {
    const sku = await create({ lowStockThreshold: 2 });
    await room.admin.query(`INSERT INTO warehouses VALUES ('north') ON CONFLICT DO NOTHING`);
    await adjust(sku, 10);
    await adjust(sku, 4, 'north');
    await reserve(sku, 3);
    const stock = await inventory.getProductStock({ sku }, admin);
    expect(stock).toMatchObject({
      sku,
      lowStockThreshold: 2,
      warehouses: [
        { warehouse: 'main', stocked: 10, reserved: 3, sold: 0, available: 7 },
        { warehouse: 'north', stocked: 4, reserved: 0, sold: 0, available: 4 },
      ],
    });
  });

  it('is empty where nothing ever came, and unknown where there is no product', async () => {
    expect(await inventory.getProductStock({ sku: await create() }, admin)).toMatchObject({ warehouses: [] });
    const nothing = { sku: 'no-such-thing' };
    expect(await refusal(inventory.getProductStock(nothing, admin))).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
    expect(await refusal(inventory.listStockMovements(nothing, admin))).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
  });

  it('is not for everybody to see', async () => {
    const sku = await create();
    for (const call of [inventory.getProductStock, inventory.listStockMovements]) {
      expect(await refusal(call({ sku }, someone('stock:write', 'products:write')))).toMatchObject({
        reason: 'PERMISSION_DENIED',
      });
    }
  });
});

describe('the movements of a product', () => {
  it('are told newest first, with cause, order and reason', async () => {
    const sku = await create();
    await adjust(sku, 10);
    const orderId = await reserve(sku, 2);
    await peer.send(HoldStockSchema, { orderId });
    await room.reservations.release(orderId);
    await adjust(sku, -1);
    const { movements, nextPageToken } = await inventory.listStockMovements({ sku }, admin);
    expect(nextPageToken).toBe('');
    expect(movements).toMatchObject([
      { cause: Cause.ADJUSTED, quantity: -1, orderId: '', reason: 'by -1', warehouse: 'main' },
      { cause: Cause.RELEASED, quantity: 2, orderId, reason: '' },
      { cause: Cause.RESERVED, quantity: 2, orderId },
      { cause: Cause.ADJUSTED, quantity: 10 },
    ]);
    const of = (filter: string) =>
      inventory
        .listStockMovements({ sku, filter }, admin)
        .then((page) => page.movements.map(({ quantity }) => quantity));
    expect(await of(`orderId = ${orderId}`)).toEqual([2, 2]);
    expect(await of('cause = ADJUSTED')).toEqual([-1, 10]);
    expect(await of('warehouse = main cause != ADJUSTED')).toEqual([2, 2]);
    expect(await of('warehouse = north')).toEqual([]);
    const seconds = Number(movements[1]?.time?.seconds);
    expect(await of(`time > "${new Date((seconds + 3600) * 1000).toISOString()}"`)).toEqual([]);
    expect(await of(`time > "${new Date((seconds - 3600) * 1000).toISOString()}"`)).toHaveLength(4);
  });

  it('are told page by page, each once, while new ones come', async () => {
    const sku = await create();
    for (let delta = 1; delta <= 7; delta++) await adjust(sku, delta);
    const seen: number[] = [];
    for (let pageToken = ''; ; ) {
      const page = await inventory.listStockMovements({ sku, pageSize: 3, pageToken }, admin);
      seen.push(...page.movements.map(({ quantity }) => quantity));
      pageToken = page.nextPageToken;
      if (!pageToken) break;
      await adjust(sku, 100);
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it('refuse a filter that makes no sense, and the token of another product', async () => {
    const [one, other] = [await create(), await create()];
    for (const delta of [1, 2]) await adjust(one, delta);
    const { nextPageToken: pageToken } = await inventory.listStockMovements({ sku: one, pageSize: 1 }, admin);
    expect(await refusal(inventory.listStockMovements({ sku: other, pageToken }, admin))).toMatchObject({
      violations: [{ field: 'pageToken' }],
    });
    expect(await refusal(inventory.listStockMovements({ sku: one, filter: 'cause = SOLD' }, admin))).toMatchObject({
      violations: [
        { field: 'filter', description: expect.stringContaining('at character 9: cause is compared with one of') },
      ],
    });
  });
});

describe('an adjustment beyond the limits', () => {
  it('is refused by name, above and below', async () => {
    const sku = await create();
    for (let i = 0; i < 3; i++) await adjust(sku, 1_000_000);
    await room.admin.query(`INSERT INTO stock_movements (sku, warehouse, kind, quantity, reason)
      VALUES ('${sku}', 'main', 'adjust', 996500000, 'many deliveries')`);
    await room.admin.query(`UPDATE stock SET stocked = stocked + 996500000 WHERE sku = '${sku}'`);
    await adjust(sku, 500_000);
    expect(await refusal(adjust(sku, 1))).toMatchObject({
      reason: 'VALIDATION_FAILED',
      violations: [{ field: 'delta', description: 'would make more than 1000000000 units in this warehouse' }],
    });
    const other = await create();
    await adjust(other, 5);
    expect(await refusal(adjust(other, -6))).toMatchObject({
      reason: 'STOCK_BELOW_COMMITTED',
      violations: [{ field: 'delta', description: 'takes more than the 5 units that are neither reserved nor sold' }],
    });
    expect((await inventory.getProduct({ sku })).available).toBe(1_000_000_000);
  });
});

describe('stock that runs low', () => {
  it('is told over Kafka with the units that are left', async () => {
    const sku = await create({ lowStockThreshold: 5 });
    await adjust(sku, 7);
    await reserve(sku, 2);
    const events = await peer.received(sku, 3);
    expect(events.at(-1)).toMatchObject({
      $typeName: 'store.inventory.v1.StockRanLow',
      sku,
      available: 5,
      threshold: 5,
    });
  });
});

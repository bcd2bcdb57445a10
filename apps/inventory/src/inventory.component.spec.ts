import { randomUUID } from 'node:crypto';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import {
  ClaimStockSchema,
  HoldStockSchema,
  Inventory,
  ReleaseStockSchema,
  ReserveStockSchema,
  StockReservationRejected_Reason,
} from '#libs/contracts';
import { fromServiceError, type ReceivedError } from '#libs/errors';
import type { GrpcClient } from '#libs/service';
import { type TestService, until } from '#libs/testing';
import { someone, startInventory } from '../test/inventory-service.js';
import { OrdersPeer } from '../test/orders-peer.js';
import { StockRoom } from '../test/stock-room.js';

const admin = someone('products:write', 'stock:write');
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

const product = (sku = `p-${randomUUID()}`) => ({
  sku,
  title: 'Kettle',
  description: 'Boils.',
  price: { currencyCode: 'USD', minorUnits: 4495n },
  tags: ['kitchen'],
  imageUrl: '/images/kettle.svg',
});
const refusal = async (call: Promise<unknown>): Promise<ReceivedError> =>
  call.then(
    () => Promise.reject(new Error('the call was not refused')),
    (error) => fromServiceError(error),
  );

describe('the catalogue', () => {
  it('shows anybody a product that an administrator has made, and tells orders', async () => {
    const wanted = product();
    const created = await inventory.createProduct(wanted, admin);
    expect(created).toMatchObject({ ...wanted, available: 0 });
    expect(await inventory.getProduct({ sku: wanted.sku })).toEqual(created);
    const [event] = await peer.received(wanted.sku, 1);
    const { sku, title, price } = wanted;
    expect(event).toMatchObject({ $typeName: 'store.inventory.v1.ProductCreated', sku, title, price, version: 1n });
  });

  it('has one product per sku, also when two are made at once', async () => {
    const wanted = product();
    const both = await Promise.allSettled([1, 2].map(() => inventory.createProduct(wanted, admin)));
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    const again = await refusal(inventory.createProduct({ ...wanted, title: 'Other' }, admin));
    expect(again).toMatchObject({ reason: 'PRODUCT_EXISTS', grpc: 6 });
    expect((await inventory.getProduct({ sku: wanted.sku })).title).toBe('Kettle');
  });

  it('knows what it does not have', async () => {
    expect(await refusal(inventory.getProduct({ sku: 'no-such-thing' }))).toMatchObject({
      reason: 'PRODUCT_NOT_FOUND',
    });
  });

  it('lists every product once by sku, whatever is added on the way', async () => {
    const skus = Array.from({ length: 23 }, (_, i) => `list-${String(i).padStart(2, '0')}-${randomUUID()}`);
    for (const sku of skus) await inventory.createProduct(product(sku), admin);
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await inventory.listProducts({ pageSize: 5, pageToken });
      expect(page.products.length).toBeLessThanOrEqual(5);
      seen.push(...page.products.map((one) => one.sku));
      pageToken = page.nextPageToken;
      await inventory.createProduct(product(`aaa-${randomUUID()}`), admin);
    } while (pageToken);
    expect(seen.filter((sku) => skus.includes(sku))).toEqual(skus);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual([...seen].sort());
  });

  it('refuses a page token that it has not given, and a page that is too large', async () => {
    expect(await refusal(inventory.listProducts({ pageToken: 'abc' }))).toMatchObject({
      reason: 'VALIDATION_FAILED',
      violations: [{ field: 'pageToken' }],
    });
    expect(await refusal(inventory.listProducts({ pageSize: 101 }))).toMatchObject({
      reason: 'VALIDATION_FAILED',
    });
  });
});

describe('adjusting stock', () => {
  it('changes what is available, never below what is taken, and tells it', async () => {
    const { sku } = await inventory.createProduct(product(), admin);
    const adjust = (delta: number) => inventory.adjustStock({ sku, warehouse: 'main', delta, reason: 'count' }, admin);
    expect((await adjust(10)).available).toBe(10);
    await peer.send(ReserveStockSchema, reserveStock(randomUUID(), sku, 4));
    await peer.send(ReserveStockSchema, reserveStock(randomUUID(), sku, 3));
    await until7Reserved(sku);
    expect((await adjust(-3)).available).toBe(0);
    expect(await refusal(adjust(-1))).toMatchObject({ reason: 'STOCK_BELOW_COMMITTED', grpc: 9 });
    const events = await peer.received(sku, 3);
    expect(events.slice(1)).toMatchObject([
      { $typeName: 'store.inventory.v1.StockAdjusted', warehouse: 'main', delta: 10, reason: 'count', available: 10 },
      { delta: -3, available: 0 },
    ]);
  });

  it('refuses a warehouse or a product that is not there', async () => {
    const { sku } = await inventory.createProduct(product(), admin);
    const nowhere = inventory.adjustStock({ sku, warehouse: 'moon', delta: 1, reason: 'x' }, admin);
    expect(await refusal(nowhere)).toMatchObject({
      reason: 'WAREHOUSE_NOT_FOUND',
      violations: [{ field: 'warehouse' }],
    });
    const nothing = inventory.adjustStock({ sku: 'nothing', warehouse: 'main', delta: 1, reason: 'x' }, admin);
    expect(await refusal(nothing)).toMatchObject({ reason: 'PRODUCT_NOT_FOUND' });
  });
});

describe('who may do what', () => {
  const customer = someone('orders:write', 'stock:read');

  it('lets nobody change catalogue or stock without the scope for it', async () => {
    const change = { sku: 'x', warehouse: 'main', delta: 1, reason: 'x' };
    for (const refused of [
      inventory.createProduct(product(), customer),
      inventory.createProduct(product(), someone('stock:write')),
      inventory.adjustStock(change, customer),
      inventory.adjustStock(change, someone('products:write')),
    ])
      expect(await refusal(refused)).toMatchObject({ reason: 'PERMISSION_DENIED' });
    expect(await refusal(inventory.createProduct(product()))).toMatchObject({ reason: 'UNAUTHENTICATED' });
  });

  it('believes no metadata but a signed principal, not even to read', async () => {
    const channel = new Client(service.grpcAddress, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('x-user', 'admin');
    metadata.set('authorization', 'Bearer e30.e30.e30');
    const call = new Promise((resolve, reject) => {
      channel.makeUnaryRequest(
        '/store.inventory.v1.Inventory/ListProducts',
        (bytes: Buffer) => bytes,
        (bytes) => bytes,
        Buffer.alloc(0),
        metadata,
        (error, answer) => (error ? reject(error) : resolve(answer)),
      );
    });
    expect(await refusal(call)).toMatchObject({ reason: 'UNAUTHENTICATED' });
    channel.close();
  });
});

describe('the commands of an order', () => {
  const stocked = async (units: number) => {
    const { sku } = await inventory.createProduct(product(), admin);
    await inventory.adjustStock({ sku, warehouse: 'main', delta: units, reason: 'delivery' }, admin);
    return sku;
  };

  it('reserve, hold and claim, each once however often it is delivered', async () => {
    const sku = await stocked(5);
    const orderId = randomUUID();
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    for (const id of [ids[0], ids[0], undefined]) await sendOnce(ReserveStockSchema, reserveStock(orderId, sku, 2), id);
    for (const id of [ids[1], ids[1], undefined]) await sendOnce(HoldStockSchema, { orderId }, id);
    for (const id of [ids[2], ids[2], undefined]) await sendOnce(ClaimStockSchema, { orderId }, id);
    // The same message again has no answer; the same command as a new message has the same answer again.
    expect(await peer.answers(orderId, 6)).toEqual([
      ...['StockReserved', 'StockReserved', 'StockHeld', 'StockHeld', 'StockClaimed', 'StockClaimed'],
    ]);
    expect(await room.count(sku)).toEqual({ available: 3, reserved: 0, sold: 2 });
  });

  it('give units back once, and refuse what comes after', async () => {
    const sku = await stocked(5);
    const orderId = randomUUID();
    const id = randomUUID();
    await peer.send(ReserveStockSchema, reserveStock(orderId, sku, 5));
    for (const again of [id, id, undefined]) await sendOnce(ReleaseStockSchema, { orderId }, again);
    await peer.send(HoldStockSchema, { orderId });
    await peer.send(ReserveStockSchema, reserveStock(orderId, sku, 1));
    const answers = await peer.received(orderId, 5);
    expect(answers.map((message) => message.$typeName.split('.').at(-1))).toEqual([
      ...['StockReserved', 'StockReleased', 'StockReleased', 'StockHoldRejected', 'StockReservationRejected'],
    ]);
    expect(answers.at(-1)).toMatchObject({ reason: StockReservationRejected_Reason.RELEASED });
    expect(await room.count(sku)).toEqual({ available: 5, reserved: 0, sold: 0 });
  });

  it('close an order whose release came first', async () => {
    const sku = await stocked(5);
    const orderId = randomUUID();
    await peer.send(ReleaseStockSchema, { orderId });
    await peer.send(ReserveStockSchema, reserveStock(orderId, sku, 1));
    expect(await peer.answers(orderId, 2)).toEqual(['StockReleased', 'StockReservationRejected']);
    expect(await room.count(sku)).toEqual({ available: 5, reserved: 0, sold: 0 });
  });

  it('give ten units to exactly ten of fifty orders', async () => {
    const sku = await stocked(10);
    const orders = Array.from({ length: 50 }, () => randomUUID());
    await Promise.all(orders.map((orderId) => peer.send(ReserveStockSchema, reserveStock(orderId, sku, 1))));
    const answers = await Promise.all(orders.map((orderId) => peer.received(orderId, 1)));
    const names = answers.map(([answer]) => answer?.$typeName.split('.').at(-1));
    expect(names.filter((name) => name === 'StockReserved')).toHaveLength(10);
    const refused = answers.flat().filter((answer) => 'reason' in answer);
    expect(refused).toHaveLength(40);
    for (const answer of refused) {
      expect(answer).toMatchObject({ reason: StockReservationRejected_Reason.OUT_OF_STOCK, sku });
    }
    expect(await room.count(sku)).toEqual({ available: 0, reserved: 10, sold: 0 });
  });

  it('put what no correct sender sends among the dead letters, and touch no stock', async () => {
    const sku = await stocked(5);
    const orderId = randomUUID();
    await peer.send(ReserveStockSchema, reserveStock(orderId, sku, -3));
    await until(
      async () => (await room.admin.query('SELECT 1 FROM dead_letters WHERE key = $1', [orderId])).rowCount === 1,
      { what: 'the dead letter', timeout: 30_000 },
    );
    expect(await room.count(sku)).toEqual({ available: 5, reserved: 0, sold: 0 });
  });

  /** One outbox refuses two rows with one id: the second is written when the first was sent. */
  async function sendOnce(...[message, value, id]: Parameters<OrdersPeer['send']>): Promise<void> {
    await peer.allSent();
    await peer.send(message, value, id);
  }
});

const reserveStock = (orderId: string, sku: string, quantity: number) => ({
  orderId,
  customerId: 'a customer',
  lines: [{ sku, quantity }],
  ttl: { seconds: 600n },
});

const until7Reserved = (sku: string) =>
  until(async () => (await room.count(sku)).reserved === 7, { what: '7 reserved units' });

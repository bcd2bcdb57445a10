import { Inventory } from '#libs/contracts';
import { Database } from '#libs/database';
import { Log, Readiness } from '#libs/service';
import type { TestService } from '#libs/testing';
import { startInventory } from '../../test/inventory-service.js';
import { StockRoom } from '../../test/stock-room.js';
import { Catalogue } from '../catalogue/catalogue.js';
import { AdjustStock } from '../stock/adjust-stock.js';
import { DEMO_PRODUCTS } from './demo-products.js';
import { DemoSeed } from './demo-seed.js';

let service: TestService;
let room: StockRoom;

beforeAll(async () => {
  service = await startInventory({ DEMO_MODE: 'true' });
  room = await StockRoom.open(service.database);
}, 120_000);

afterAll(async () => {
  await room?.close();
  await service?.close();
});

const listAll = async () => {
  const client = service.client(Inventory, { subject: 'anonymous', scopes: [] });
  return (await client.listProducts({ pageSize: 100 })).products;
};

/** The seeding of one more replica. */
const replica = () => {
  const get = <T>(type: abstract new (...args: never[]) => T) => service.app.get<T>(type, { strict: false });
  return new DemoSeed(get(Database), get(Catalogue), get(AdjustStock), get(Log), new Readiness());
};

describe('the demo products', () => {
  it('are twelve, on the shelves when the service is ready, one of them scarce', async () => {
    const products = await listAll();
    expect(products.map(({ sku, available }) => [sku, available]).sort()).toEqual(
      DEMO_PRODUCTS.map(({ sku, stock }) => [sku, stock]).sort(),
    );
    expect(products).toHaveLength(12);
    expect(products.filter(({ available }) => available === 3)).toHaveLength(1);
    for (const { price, imageUrl, tags, description, lowStockThreshold } of products) {
      expect(price).toMatchObject({ currencyCode: 'USD' });
      // Nothing in the demo leads nowhere, and nobody serves pictures.
      expect(imageUrl).toBe('');
      expect(lowStockThreshold).toBeGreaterThan(0);
      expect(tags.length).toBeGreaterThan(0);
      expect(description).not.toBe('');
    }
  });

  it('are not made again by the next start', async () => {
    expect(await replica().seed()).toBe(0);
    expect(await room.violations()).toEqual([]);
  });

  it('are made once by two replicas that start together', async () => {
    const before = await listAll();
    await room.admin.query(`SET session_replication_role = replica; TRUNCATE stock_movements, stock, products CASCADE`);
    const [one, other] = await Promise.all([replica().seed(), replica().seed()]);
    expect(one + other).toBe(12);
    const plain = (products: typeof before) => products.map(({ sku, available }) => ({ sku, available }));
    expect(plain(await listAll())).toEqual(plain(before));
    expect(await room.violations()).toEqual([]);
  });
});

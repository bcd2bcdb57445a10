import { expectStatus, Shop, textIn } from '../e2e/shop.js';
import { ComposedStore } from './composed-store.js';

describe('the data of the composed store', () => {
  let store: ComposedStore;

  beforeAll(async () => {
    store = await ComposedStore.start();
  }, 900_000);

  afterAll(() => store?.clear(), 180_000);

  it('outlives docker compose down, which leaves no container and no network', async () => {
    const shop = new Shop(store.gatewayUrl);
    const buyer = await shop.signUp();
    const sku = await shop.product(3);
    const order = expectStatus(await shop.submit(buyer.token, { sku, wait: 20 }), 201);
    expect(order.state).toBe('CONFIRMED');

    await store.down();
    const { containers, networks, volumes } = await store.remains();
    expect({ containers, networks }).toEqual({ containers: [], networks: [] });
    expect(volumes.length).toBeGreaterThan(0);
    await store.up();

    // The old access token too: the keys that sign are kept.
    expect(await shop.order(buyer.token, textIn(order, 'id'))).toEqual(order);
    expect((await shop.signIn(buyer.email, buyer.password)).token).not.toBe('');
    expect(expectStatus(await shop.call('GET', `/v1/products/${sku}`), 200).available).toBe(2);
    expect(await store.violations()).toEqual([]);
  }, 900_000);

  it('is gone after docker compose down -v, with everything else', async () => {
    await store.clear();
    expect(await store.remains()).toEqual({ containers: [], volumes: [], networks: [] });
  }, 180_000);
});

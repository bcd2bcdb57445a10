import { Shop } from '../e2e/shop.js';
import { ComposedOrders } from './composed-orders.js';
import { ComposedStore, say } from './composed-store.js';

const ORDERS = 200;
/** After the part that was killed is back and the last order was accepted. */
const MOST_SECONDS = 60;
const TEST_MS = 600_000;

const SERVICES = ['orders', 'inventory', 'payments', 'users', 'gateway', 'payment-simulator'];

describe('SIGKILL in the middle of 200 orders', () => {
  let store: ComposedStore;
  let orders: ComposedOrders;

  beforeAll(async () => {
    store = await ComposedStore.start();
    orders = await ComposedOrders.begin(new Shop(store.gatewayUrl));
  }, 900_000);

  afterAll(() => store?.clear(), 180_000);

  it.each([...SERVICES, 'kafka', 'postgres', 'valkey'])(
    'loses and doubles none when it is for %s, and all have ended within a minute',
    async (part) => {
      const load = await orders.place(ORDERS, async () => {
        await store.kill(part);
        await store.startAgain(part);
      });

      const seconds = await orders.ended(load, MOST_SECONDS);
      say(`${part}: ${load.accepted.length} orders accepted, all ended ${seconds} s later`);
      expect(load.submits.flatMap((submit) => submit.refused ?? [])).toEqual([]);
      expect(load.submits.filter((submit) => submit.orderIds.size !== 1)).toEqual([]);
      expect(await store.violations()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'goes on without Valkey: each gateway throttles alone, and no order is refused',
    async () => {
      await store.kill('valkey');
      const load = await orders.place(ORDERS, async () => {});
      await orders.ended(load, MOST_SECONDS);
      expect(load.submits.flatMap((submit) => submit.refused ?? [])).toEqual([]);
      await store.startAgain('valkey');
      expect(await store.violations()).toEqual([]);
    },
    TEST_MS,
  );
});

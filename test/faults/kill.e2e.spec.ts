import { join } from 'node:path';
import pg from 'pg';
import { type RunningStore, runStore, type StackDescription, testFolder, until } from '#libs/testing';
import { expectStatus, Shop, textIn } from '../e2e/shop.js';
import { checkStore } from '../invariants/index.js';
import { type Buyer, OrderLoad } from './order-load.js';
import { RefundLoad } from './refund-load.js';

const PAYMENT_METHODS = [
  'pm_card_visa',
  'pm_card_slow',
  'pm_card_visa',
  'pm_card_timeoutThenSuccess',
  'pm_card_chargeDeclined',
];

/** Of the orders that are refunded meanwhile; most of them make trouble then. */
const REFUNDED_METHODS = [
  'pm_card_visa',
  'pm_card_refundTimeoutThenSuccess',
  'pm_card_refundUnavailable',
  'pm_card_refundDeclined',
];
const REFUNDED_ORDERS = 24;

/** For what takes seconds on an idle machine of two cores. */
const PATIENCE_MS = 120_000;
const TEST_MS = 600_000;

// All of them take five minutes of two cores: `npm run test:faults`. `npm test` takes those that hold an order's way.
const all = process.env.FAULTS === 'all';
const KILLED = all ? ['orders', 'inventory', 'payments', 'users', 'gateway'] : ['orders', 'payments'];
const AWAY = all ? ['postgres', 'kafka'] : ['kafka'];

describe('orders while parts of the store die', () => {
  let store: RunningStore;
  let stack: StackDescription;
  let shop: Shop;
  let sku: string;
  let buyers: Buyer[];

  beforeAll(async () => {
    store = runStore(join(await testFolder(), 'store'));
    stack = await store.ready();
    shop = new Shop(stack.gateway.url);
    sku = await shop.product(1_000_000);
    buyers = await Promise.all(Array.from({ length: 8 }, () => shop.signUp()));
  }, 200_000);

  afterAll(() => store?.stop(), 60_000);

  it.each(KILLED)(
    'loses and doubles none when %s is killed and comes back',
    (app) =>
      underLoad(async () => {
        const killed = pidOf(await store.stack(), app);
        if (killed === undefined) throw new Error(`${app} does not run`);
        process.kill(killed, 'SIGKILL');
        await until(async () => pidOf(await store.stack(), app) !== killed && isReady(app), {
          timeout: PATIENCE_MS,
          what: `${app} to be back`,
        });
      }),
    TEST_MS,
  );

  it.each(AWAY)(
    'loses and doubles none when %s is away for ten seconds',
    (server) =>
      underLoad(async () => {
        await store.operate('stop', server);
        await new Promise((resolve) => setTimeout(resolve, 10_000)); // the length of the outage is the test's subject
        await store.operate('start', server);
      }),
    TEST_MS,
  );

  /** Lets the fault happen among many open orders, then holds every promise against what became of it. */
  async function underLoad(fault: () => Promise<void>): Promise<void> {
    const orders = await confirmedOrders();
    const load = new OrderLoad({
      url: shop.url,
      buyers,
      concurrency: 20,
      thinkMs: 500,
      sku,
      paymentMethods: PAYMENT_METHODS,
    });
    const { token } = await new Shop(shop.url).admin(); // its own, new session
    const refunds = new RefundLoad({ shop, token, orders, thinkMs: 500 });
    try {
      await until(async () => load.accepted.length >= 50 && (await pending()) >= 20 && refunds.asked.length >= 4, {
        timeout: PATIENCE_MS,
        what: '50 accepted orders, 20 of them PENDING, and refunds',
      });
      await fault();
      const before = load.accepted.length;
      const goesOn = () => load.accepted.length >= before + 50;
      await until(goesOn, { timeout: PATIENCE_MS, what: 'orders to be accepted again' });
    } finally {
      await refunds.stop();
      await load.stop();
    }
    await allEnded();

    expect(load.submits.flatMap((submit) => submit.refused ?? [])).toEqual([]);
    expect(load.submits.filter((submit) => submit.orderIds.size !== 1)).toEqual([]);
    expect(await missing(load.accepted)).toEqual([]);
    expect(refunds.asked.flatMap((refund) => refund.refused ?? [])).toEqual([]);
    expect(refunds.asked.filter((refund) => refund.refundIds.size !== 1)).toEqual([]);
    expect(await checkStore(stack)).toEqual([]);
  }

  /** As long as it takes while it goes on: how much has gathered, and how fast it goes, is the machine's affair. */
  async function allEnded(): Promise<void> {
    const open = async () => (await pending()) + (await pendingRefunds());
    for (let left = await open(); left > 0; ) {
      const before = left;
      const next = async () => {
        left = await open();
        return left < before;
      };
      await until(next, { timeout: 60_000, what: `the next of ${before} orders and refunds to reach its end` });
    }
  }

  /** Orders that were placed and paid for before anything breaks. */
  async function confirmedOrders(): Promise<string[]> {
    const placed = Array.from({ length: REFUNDED_ORDERS }, async (_, at) => {
      const buyer = buyers[at % buyers.length];
      if (!buyer) throw new Error('no buyer');
      const paymentMethod = REFUNDED_METHODS[at % REFUNDED_METHODS.length] ?? 'pm_card_visa';
      const id = textIn(expectStatus(await shop.submit(buyer.token, { sku, paymentMethod }), 201), 'id');
      expect((await shop.ended(buyer.token, id, 60_000)).state).toBe('CONFIRMED');
      return id;
    });
    return Promise.all(placed);
  }

  async function isReady(app: string): Promise<boolean> {
    const { apps } = await store.stack();
    const answer = await fetch(`${apps[app]?.ops}/readyz`).catch(() => undefined);
    return answer?.ok === true;
  }

  async function pending(): Promise<number> {
    const rows = await ordersRows<{ count: string }>(`SELECT count(*) FROM orders WHERE state = 'PENDING'`);
    return Number(rows[0]?.count);
  }

  async function pendingRefunds(): Promise<number> {
    const rows = await ordersRows<{ count: string }>(`SELECT count(*) FROM refunds WHERE state = 'PENDING'`);
    return Number(rows[0]?.count);
  }

  /** Orders that a client was promised and that are not there, or not at their end. */
  async function missing(ids: readonly string[]): Promise<string[]> {
    const rows = await ordersRows<{ id: string }>(`SELECT id FROM orders WHERE state <> 'PENDING'`);
    const ended = new Set(rows.map((row) => row.id));
    return ids.filter((id) => !ended.has(id));
  }

  async function ordersRows<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
    const client = new pg.Client({ connectionString: stack.postgres.urls.orders });
    await client.connect();
    try {
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it('still sells exactly what was stocked afterwards', async () => {
    const product = expectStatus(await shop.call('GET', `/v1/products/${sku}`), 200);
    const confirmed = await ordersRows<{ count: string }>(`SELECT count(*) FROM orders WHERE state = 'CONFIRMED'`);
    expect(product.available).toBe(1_000_000 - Number(confirmed[0]?.count));
  });
});

const pidOf = (stack: StackDescription, app: string): number | undefined => stack.apps[app]?.pid;

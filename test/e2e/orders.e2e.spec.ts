import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { sharedStore, until } from '#libs/testing';
import { checkStore } from '../invariants/index.js';
import { expectStatus, Shop, textIn } from './shop.js';

type Store = Awaited<ReturnType<typeof sharedStore>>;

describe('orders through the gateway', () => {
  let store: Store;
  let shop: Shop;

  beforeAll(async () => {
    store = await sharedStore();
    shop = new Shop(store.gateway.url);
  }, 200_000);

  it('sells ten units to fifty simultaneous buyers as ten orders, and refuses forty', async () => {
    const sku = await shop.product(10);
    const buyers = await Promise.all(Array.from({ length: 10 }, () => shop.signUp()));

    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const buyer = buyers[index % buyers.length];
        if (!buyer) throw new Error('no buyer');
        return { token: buyer.token, answer: await shop.submit(buyer.token, { sku }) };
      }),
    );
    expect(answers.map(({ answer }) => answer.status)).toEqual(Array(50).fill(201));

    const orders = await Promise.all(
      answers.map(({ token, answer }) => shop.ended(token, textIn(answer.body, 'id'), 30_000)),
    );
    expect(orders.filter((order) => order.state === 'CONFIRMED')).toHaveLength(10);
    expect(orders.filter((order) => order.state === 'REJECTED' && order.reason === 'OUT_OF_STOCK')).toHaveLength(40);

    const product = expectStatus(await shop.call('GET', `/v1/products/${sku}`), 200);
    expect(product.available).toBe(0);
    const ids = orders.map((order) => String(order.id));
    expect(await moneyOf(store, ids)).toEqual({ reserved: 0, capturedByPayments: 10, capturedByProvider: 10 });
    expect(await checkStore(store)).toEqual([]);
  });

  it('makes one order of twenty simultaneous submits under one key, and gives all of them the same answer', async () => {
    const sku = await shop.product(100);
    const { token } = await shop.signUp();
    const key = randomUUID();
    const submits = () => Promise.all(Array.from({ length: 20 }, () => shop.submit(token, { sku, key })));

    const first = await submits();
    for (const answer of first) expect([201, 409]).toContain(answer.status);

    const second = await submits();
    const bodies = new Set(second.map((answer) => answer.text));
    expect(second.map((answer) => answer.status)).toEqual(Array(20).fill(201));
    expect(bodies.size).toBe(1);
    expect(second.every((answer) => answer.headers.get('idempotent-replayed') === 'true')).toBe(true);

    const id = textIn(second[0]?.body, 'id');
    await shop.ended(token, id);
    const list = expectStatus(await shop.call('GET', '/v1/orders', { token }), 200);
    expect(list.orders).toHaveLength(1);
    expect(await moneyOf(store, [id])).toEqual({ reserved: 0, capturedByPayments: 1, capturedByProvider: 1 });
  });

  it('refuses another payload under a used key, and a missing key', async () => {
    const sku = await shop.product(5);
    const { token } = await shop.signUp();
    const key = randomUUID();
    expectStatus(await shop.submit(token, { sku, key }), 201);
    expect((await shop.submit(token, { sku, key, quantity: 2 })).body).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    const body = { lines: [{ sku, quantity: 1 }], paymentMethod: 'pm_card_visa' };
    expect((await shop.call('POST', '/v1/orders', { token, body })).body).toMatchObject({
      status: 400,
      code: 'IDEMPOTENCY_KEY_REQUIRED',
    });
  });

  it.each([
    ['pm_card_visa', 'CONFIRMED', undefined],
    ['pm_card_slow', 'CONFIRMED', undefined],
    ['pm_card_timeoutThenSuccess', 'CONFIRMED', undefined],
    ['pm_card_chargeDeclined', 'REJECTED', 'PAYMENT_DECLINED'],
    ['pm_card_unavailable', 'REJECTED', 'PAYMENT_UNAVAILABLE'],
  ])('ends an order paid with %s as %s', async (paymentMethod, state, reason) => {
    const sku = await shop.product(3);
    const { token } = await shop.signUp();
    const placed = expectStatus(await shop.submit(token, { sku, paymentMethod }), 201);
    const order = await shop.ended(token, textIn(placed, 'id'));
    expect(order.state).toBe(state);
    if (reason) expect(order.reason).toBe(reason);
    const product = expectStatus(await shop.call('GET', `/v1/products/${sku}`), 200);
    expect(product.available).toBe(state === 'CONFIRMED' ? 2 : 3);
  });

  it.each([
    ['pm_card_visa', 'SUCCEEDED', '1999'],
    ['pm_card_refundTimeoutThenSuccess', 'SUCCEEDED', '1999'],
    ['pm_card_refundDeclined', 'REJECTED', '0'],
  ])(
    'refunds an order paid with %s in two parts: %s',
    async (paymentMethod, state, refunded) => {
      const sku = await shop.product(3);
      const [owner, admin] = [await shop.signUp(), await shop.admin()];
      const id = textIn(expectStatus(await shop.submit(owner.token, { sku, paymentMethod }), 201), 'id');
      await shop.ended(owner.token, id);
      const key = randomUUID();
      const cents = (minorUnits: string) => ({
        amount: { currencyCode: 'USD', minorUnits },
        reason: 'NOT_AS_DESCRIBED',
      });
      const part = cents('500');
      const refund = (body: object, more: { key?: string; token?: string } = {}) =>
        shop.call('POST', `/v1/orders/${id}:refund`, { token: admin.token, key: randomUUID(), body, ...more });

      const first = await refund(part, { key });
      expect([first.status, first.headers.get('location')]).toEqual([202, `/v1/orders/${id}`]);
      const again = await refund(part, { key });
      expect([again.status, again.text]).toEqual([202, first.text]);
      expect((await refund(part, { token: owner.token })).status).toBe(403);
      expectStatus(await refund(cents('1499')), 202);
      expect((await refund(cents('2000'))).body).toMatchObject({ status: 400, code: 'REFUND_EXCEEDS_REST' });

      const order = await until(
        async () => {
          const now = await shop.order(owner.token, id);
          return !JSON.stringify(now.refunds).includes('PENDING') && now;
        },
        { timeout: 30_000, what: `the refunds of ${id} to end` },
      );
      expect(order).toMatchObject({
        state: 'CONFIRMED',
        amountRefunded: { minorUnits: refunded },
        refunds: [
          { state, amount: { minorUnits: '500' } },
          { state, amount: { minorUnits: '1499' } },
        ],
      });
      const payment = expectStatus(await shop.call('GET', `/v1/orders/${id}/payment`, { token: owner.token }), 200);
      expect(payment).toMatchObject({ state: 'SUCCEEDED', amountRefunded: { minorUnits: refunded } });
      const history = expectStatus(await shop.call('GET', `/v1/orders/${id}/history`, { token: owner.token }), 200);
      expect(JSON.stringify(history.transitions)).toContain('"refund requested"');
      const product = expectStatus(await shop.call('GET', `/v1/products/${sku}`), 200);
      expect(product.available).toBe(2); // a refund brings no goods back
      expect(await checkStore(store)).toEqual([]);
    },
    60_000,
  );

  it('keeps the orders and payments of one customer from another', async () => {
    const sku = await shop.product(3);
    const [owner, other] = [await shop.signUp(), await shop.signUp()];
    const id = textIn(expectStatus(await shop.submit(owner.token, { sku, wait: 20 }), 201), 'id');
    for (const path of [`/v1/orders/${id}`, `/v1/orders/${id}:watch`, `/v1/orders/${id}/payment`]) {
      expect((await shop.call('GET', path, { token: other.token })).status).toBe(404);
    }
    expect((await shop.call('POST', `/v1/orders/${id}:cancel`, { token: other.token, body: {} })).status).toBe(404);
    expect((await shop.call('GET', `/v1/orders/${id}/payment`, { token: owner.token })).body).toMatchObject({
      state: 'SUCCEEDED',
      amountCaptured: { currencyCode: 'USD', minorUnits: '1999' },
    });
  });
});

/** What the three books say of these orders. */
async function moneyOf({ postgres }: Store, orderIds: readonly string[]) {
  const { urls } = postgres;
  const count = async (role: string, sql: string) => {
    const client = new pg.Client({ connectionString: urls[role] });
    await client.connect();
    try {
      const { rows } = await client.query<{ count: string }>(sql, [orderIds]);
      return Number(rows[0]?.count);
    } finally {
      await client.end();
    }
  };
  return {
    reserved: await count(
      'inventory',
      `SELECT count(*) FROM reservations WHERE order_id = ANY($1) AND state IN ('ACTIVE', 'HELD')`,
    ),
    capturedByPayments: await count(
      'payments',
      `SELECT count(*) FROM payments WHERE order_id = ANY($1) AND state = 'SUCCEEDED'`,
    ),
    capturedByProvider: await count(
      'payment_simulator',
      `SELECT count(*) FROM intents WHERE order_id = ANY($1) AND status = 'succeeded'`,
    ),
  };
}

import { randomUUID } from 'node:crypto';
import { Code, Order_State, ProductCreatedSchema } from '#libs/contracts';
import { until } from '#libs/testing';
import { refusalOf } from './customer.js';
import { Stage } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ OPEN_ORDERS_LIMIT: '25', OPEN_UNITS_LIMIT: '60' });
});
afterAll(() => stage.close());

const tea = (quantity = 1) => ({ lines: [{ sku: 'tea', quantity }] });
const ordersOf = (customerId: string) => stage.rows('SELECT id FROM orders WHERE customer_id = $1', customerId);

describe('an Idempotency-Key', () => {
  it('makes one order of 20 requests at once', async () => {
    const customer = stage.customer();
    const answers = await Promise.all(Array.from({ length: 20 }, () => customer.place(tea(), { key: 'k1' })));
    expect(new Set(answers.map((order) => order.id)).size).toBe(1);
    expect(await ordersOf(customer.subject)).toHaveLength(1);
    const sagas = await stage.rows("SELECT 1 FROM saga_instances WHERE data->>'customerId' = $1", customer.subject);
    expect(sagas).toHaveLength(1);
  });

  it('gives the order as it is, also when the price has changed since', async () => {
    await stage.catalogue('leaf', 100n);
    const customer = stage.customer();
    const wanted = { lines: [{ sku: 'leaf', quantity: 1 }], expectedTotal: { currencyCode: 'USD', minorUnits: 100n } };
    const first = await customer.place(wanted, { key: 'k1' });
    await stage.partner.says(ProductCreatedSchema, {
      ...{ sku: 'leaf', title: 'The leaf', version: 2n },
      price: { currencyCode: 'USD', minorUnits: 900n },
    });
    const dearer = () => stage.rows("SELECT 1 FROM products WHERE sku = 'leaf' AND price_minor_units = 900");
    await until(async () => (await dearer()).length === 1, { what: 'the new price' });
    expect((await customer.place(wanted, { key: 'k1' })).id).toBe(first.id);
    expect((await refusalOf(customer.place(wanted, { key: 'k2' }))).reason).toBe('TOTAL_CHANGED');
  });

  it('refuses another request', async () => {
    const customer = stage.customer();
    await customer.place(tea(), { key: 'k1' });
    expect((await refusalOf(customer.place(tea(2), { key: 'k1' }))).reason).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('is the customer’s own: others may use the same', async () => {
    const [one, other] = [stage.customer(), stage.customer()];
    const orders = [await one.place(tea(), { key: 'same' }), await other.place(tea(), { key: 'same' })];
    expect(orders[0]?.id).not.toBe(orders[1]?.id);
  });
});

describe('prices', () => {
  it('are asked for once from inventory, as the service itself, where orders does not know the product yet', async () => {
    stage.inventory.products.set('new', {
      sku: 'new',
      title: 'The new',
      price: { currencyCode: 'USD', minorUnits: 7n },
    });
    const customer = stage.customer();
    for (let time = 0; time < 2; time += 1) {
      expect((await customer.place({ lines: [{ sku: 'new', quantity: 2 }] })).total?.minorUnits).toBe(14n);
    }
    expect(stage.inventory.asked.filter((one) => one.sku === 'new')).toEqual([
      { sku: 'new', by: 'orders', for: 'service:orders', audience: 'inventory' },
    ]);
  });

  it('of a product that inventory does not know either refuse the line', async () => {
    const error = await refusalOf(stage.customer().place({ lines: [{ sku: 'unicorn', quantity: 1 }] }));
    expect(error).toMatchObject({ grpc: Code.INVALID_ARGUMENT, reason: 'UNKNOWN_SKU' });
    expect(error.violations[0]?.field).toBe('lines[0].sku');
  });

  it('need inventory only for products that orders does not know', async () => {
    stage.inventory.stop();
    const customer = stage.customer();
    expect((await customer.place(tea())).state).toBe(Order_State.PENDING);
    const error = await refusalOf(customer.place({ lines: [{ sku: 'unseen', quantity: 1 }] }));
    expect(error).toMatchObject({ grpc: Code.UNAVAILABLE, reason: 'UPSTREAM_UNAVAILABLE' });
    await stage.inventory.start();
  });

  it('follow the newest version of the product, in whichever order its events come', async () => {
    await stage.catalogue('cup', 100n, { version: 3n });
    await stage.partner.says(ProductCreatedSchema, {
      ...{ sku: 'cup', title: 'An older cup', version: 2n },
      price: { currencyCode: 'USD', minorUnits: 50n },
    });
    // Same key, same partition: when the next event is known, the older one was seen.
    await stage.partner.says(ProductCreatedSchema, {
      ...{ sku: 'cup', title: 'The newest cup', version: 4n },
      price: { currencyCode: 'USD', minorUnits: 120n },
    });
    const titles = await until(
      async () => {
        const [row] = await stage.rows("SELECT title FROM products WHERE sku = 'cup'");
        expect(row?.title).not.toBe('An older cup');
        return row?.title === 'The newest cup';
      },
      { what: 'the newest version' },
    );
    expect(titles).toBe(true);
  });

  it('in two currencies refuse the order', async () => {
    await stage.catalogue('chai', 300n, { currencyCode: 'INR' });
    const lines = [
      { sku: 'tea', quantity: 1 },
      { sku: 'chai', quantity: 1 },
    ];
    expect(await refusalOf(stage.customer().place({ lines }))).toMatchObject({
      reason: 'MIXED_CURRENCIES',
      violations: [{ field: 'lines[1].sku' }],
    });
  });
});

describe('what is refused leaves nothing behind', () => {
  it.each([
    ['a total that has changed', { ...tea(), expectedTotal: { currencyCode: 'USD', minorUnits: 1n } }, 'TOTAL_CHANGED'],
    ['two lines of a product', { lines: [...tea().lines, ...tea().lines] }, 'VALIDATION_FAILED'],
    ['no line', { lines: [] }, 'VALIDATION_FAILED'],
    ['a quantity of 0', tea(0), 'VALIDATION_FAILED'],
    ['card data in place of a token', { ...tea(), paymentMethod: '4242424242424242' }, 'VALIDATION_FAILED'],
  ])('%s', async (_, request, reason) => {
    const customer = stage.customer();
    expect((await refusalOf(customer.place(request, { key: randomUUID() }))).reason).toBe(reason);
    expect(await ordersOf(customer.subject)).toEqual([]);
  });

  it('more open units of a product than one customer may hold', async () => {
    const customer = stage.customer();
    await customer.place(tea(40));
    expect(await refusalOf(customer.place(tea(21)))).toMatchObject({
      reason: 'RESERVATION_LIMIT',
      retryAfterSeconds: 5,
      violations: [{ field: 'lines[0].quantity' }],
    });
    await customer.place(tea(20));
    expect(await ordersOf(customer.subject)).toHaveLength(2);
  });

  it('more open orders than one customer may have', async () => {
    const customer = stage.customer();
    for (let time = 0; time < 25; time += 1) await customer.place(tea());
    expect((await refusalOf(customer.place(tea()))).reason).toBe('RESERVATION_LIMIT');
    expect((await stage.customer().place(tea())).state).toBe(Order_State.PENDING);
  });
});

it('answers only callers that prove themselves and have the scope', async () => {
  const reader = stage.customer(randomUUID(), 'orders:read');
  expect((await refusalOf(reader.place(tea()))).reason).toBe('PERMISSION_DENIED');
  const anonymous = stage.customer('anonymous', 'orders:write');
  expect((await refusalOf(anonymous.place(tea()))).reason).toBe('UNAUTHENTICATED');
});

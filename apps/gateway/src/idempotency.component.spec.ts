import { randomUUID } from 'node:crypto';
import { DomainError } from '#libs/errors';
import { problemOf } from '../test/problem-of.js';
import { TestGateway } from '../test/test-gateway.js';

const CART = { lines: [{ sku: 'mug', quantity: 1 }], paymentMethod: 'pm_card_visa' };

describe('an order under an Idempotency-Key', () => {
  let test: TestGateway;
  let token: string;
  beforeAll(async () => {
    test = await TestGateway.start();
  });
  afterAll(() => test?.close());
  beforeEach(async () => {
    test.upstream.reset();
    // A principal of its own for each test: no test waits for the bucket of another.
    token = await test.token({ sub: randomUUID(), scope: 'orders:write' });
  });

  const place = (
    key: string,
    { body = CART, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
  ) => test.fetch('/v1/orders', { method: 'POST', token, body, headers: { 'idempotency-key': key, ...headers } });
  const order = () => ({ id: randomUUID(), state: 1 });
  const told = async (response: Response) => ({
    status: response.status,
    location: response.headers.get('location'),
    replayed: response.headers.get('idempotent-replayed'),
    type: response.headers.get('content-type'),
    body: await response.text(),
  });

  it('is placed once; a retry gets the first answer byte for byte', async () => {
    test.upstream.answer('PlaceOrder', order);
    const first = await told(await place('a'));
    expect(first).toMatchObject({ status: 201, replayed: null });
    const again = await told(await place('"a"', { headers: { prefer: 'wait=5' } }));
    expect(again).toEqual({ ...first, replayed: 'true' });
    expect(test.upstream.calls).toHaveLength(1);
    expect(test.upstream.calls[0]?.metadata.get('idempotency-key')).toEqual(['a']);
  });

  it('is placed once out of 20 submits at the same time', async () => {
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    let waiting = 0;
    test.upstream.answer('PlaceOrder', async () => {
      await done;
      return order();
    });
    const submits = Array.from({ length: 20 }, async () => {
      const response = await place('at-once');
      if (response.status === 409 && ++waiting === 19) finish();
      return response;
    });
    const all = await Promise.all(submits);
    const created = all.filter(({ status }) => status === 201);
    const refused = all.filter(({ status }) => status === 409);
    expect([created.length, refused.length]).toEqual([1, 19]);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect(refused[0] && (await problemOf(refused[0])).code).toBe('IDEMPOTENCY_KEY_IN_USE');
    const retried = await Promise.all(Array.from({ length: 20 }, () => place('at-once').then(told)));
    const bodies = new Set([await created[0]?.text(), ...retried.map(({ body }) => body)]);
    expect(bodies.size).toBe(1);
    expect(retried.every(({ status, replayed }) => status === 201 && replayed === 'true')).toBe(true);
    expect(test.upstream.calls).toHaveLength(1);
  });

  it('cannot be another order', async () => {
    test.upstream.answer('PlaceOrder', order);
    await place('b');
    const response = await place('b', { body: { ...CART, paymentMethod: 'pm_other' } });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('is the same order in other words', async () => {
    test.upstream.answer('PlaceOrder', order);
    await place('c');
    const body = '{ "payment_method": "pm_card_visa", "lines": [{"quantity": "1", "sku": "mug"}] }';
    expect(await told(await place('c', { body }))).toMatchObject({ status: 201, replayed: 'true' });
  });

  it('is one of its principal', async () => {
    test.upstream.answer('PlaceOrder', order);
    const mine = await told(await place('d'));
    token = await test.token({ sub: randomUUID(), scope: 'orders:write' });
    const other = await told(await place('d'));
    expect(other.replayed).toBeNull();
    expect(other.body).not.toBe(mine.body);
  });

  it('keeps what the service refuses for good', async () => {
    for (const [code, status] of [
      ['UNKNOWN_SKU', 400],
      ['TOTAL_CHANGED', 409],
      ['PRODUCT_NOT_FOUND', 404],
    ] as const) {
      test.upstream.answer('PlaceOrder', () => {
        throw new DomainError(code);
      });
      const first = await told(await place(code));
      expect(first).toMatchObject({ status, replayed: null, type: 'application/problem+json' });
      test.upstream.answer('PlaceOrder', order);
      expect(await told(await place(code))).toEqual({ ...first, replayed: 'true' });
    }
  });

  it('can be tried again after what may pass', async () => {
    for (const code of ['RESERVATION_LIMIT', 'UPSTREAM_UNAVAILABLE', 'INTERNAL', 'PERMISSION_DENIED'] as const) {
      test.upstream.answer('PlaceOrder', () => {
        throw new DomainError(code);
      });
      expect((await place(code)).status).toBeGreaterThanOrEqual(403);
      test.upstream.answer('PlaceOrder', order);
      expect(await told(await place(code))).toMatchObject({ status: 201, replayed: null });
    }
  });

  it('can be tried again after its deadline', async () => {
    test.upstream.answer('PlaceOrder', ({ cancelled }) => cancelled);
    expect((await place('late')).status).toBe(504);
    test.upstream.answer('PlaceOrder', order);
    expect(await told(await place('late'))).toMatchObject({ status: 201, replayed: null });
  });

  it('does not use up its key when it is refused before it reaches the service', async () => {
    test.upstream.answer('PlaceOrder', order);
    expect((await place('e', { body: { ...CART, lines: [] } })).status).toBe(400);
    expect(await told(await place('e'))).toMatchObject({ status: 201, replayed: null });
  });

  it.each([
    ['', 'IDEMPOTENCY_KEY_INVALID'],
    ['k'.repeat(256), 'IDEMPOTENCY_KEY_INVALID'],
    ['schl\u00fcssel', 'IDEMPOTENCY_KEY_INVALID'],
  ])('needs a proper key: %p', async (key, code) => {
    const response = await place(key);
    expect(response.status).toBe(400);
    expect((await problemOf(response)).code).toBe(code);
  });

  it('needs a key', async () => {
    const response = await test.fetch('/v1/orders', { method: 'POST', token, body: CART });
    expect(response.status).toBe(400);
    expect((await problemOf(response)).code).toBe('IDEMPOTENCY_KEY_REQUIRED');
    expect(test.upstream.calls).toEqual([]);
  });

  it('leaves no secret in the database', async () => {
    test.upstream.answer('PlaceOrder', order);
    await place('canary', { body: { ...CART, paymentMethod: 'pm_canary_4242' } });
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: test.database.url });
    await client.connect();
    const { rows } = await client.query('SELECT t::text AS row, encode(body, $1) AS body FROM idempotency_keys t', [
      'escape',
    ]);
    await client.end();
    expect(rows.length).toBeGreaterThan(0);
    const stored = JSON.stringify(rows);
    expect(stored).not.toContain('pm_canary_4242');
    expect(stored).not.toContain(token);
  });
});

describe('an order while the database is away', () => {
  it('is a 503, never reaches the service, and the log says why', async () => {
    const test = await TestGateway.start();
    test.upstream.answer('PlaceOrder', () => ({ id: randomUUID() }));
    const token = await test.token('orders:write');
    const place = (key: string) =>
      test.fetch('/v1/orders', { method: 'POST', token, body: CART, headers: { 'idempotency-key': key } });
    expect((await place('before')).status).toBe(201);
    await test.loseDatabase();
    const response = await place('after');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect((await problemOf(response)).code).toBe('UPSTREAM_UNAVAILABLE');
    expect(test.upstream.calls).toHaveLength(1);
    expect((await test.fetch('/v1/products')).status).toBe(200);
    await test.close();
    // The answer does not say why: the log does.
    const told = test.lines.find(({ msg }) => msg === 'request could not be served');
    expect(told).toMatchObject({
      level: 'warn',
      rpc: 'store.orders.v1.Orders.PlaceOrder',
    });
    expect(told?.err).toMatchObject({ cause: { code: '3D000' } });
  });
});

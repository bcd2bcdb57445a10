import { createRemoteJWKSet, jwtVerify } from 'jose';
import { DomainError } from '#libs/errors';
import { until } from '#libs/testing';
import { TestGateway } from '../test/test-gateway.js';

const ID = '0b6f4e55-5d4c-4c5c-8a0e-1f1a5f1b9a11';
const order = { id: ID, state: 1, total: { currencyCode: 'EUR', minorUnits: 1999n } };

describe('a request', () => {
  let test: TestGateway;
  let shopper: string;
  beforeAll(async () => {
    test = await TestGateway.start({
      CORS_ORIGINS: 'https://shop.example',
      TRUSTED_PROXIES: '127.0.0.1',
    });
    shopper = await test.token('users:read orders:read orders:write payments:read');
  });
  afterAll(() => test?.close());
  beforeEach(() => test.upstream.reset());

  let keys = 0;
  const place = (body: unknown, headers: Record<string, string> = {}) =>
    test.fetch('/v1/orders', {
      method: 'POST',
      token: shopper,
      body,
      headers: { 'idempotency-key': `key-${++keys}`, ...headers },
    });
  const cart = { lines: [{ sku: 'mug', quantity: 2 }], paymentMethod: 'pm_card_visa' };

  describe('that is fine', () => {
    it('reaches its service and is answered as the policy says', async () => {
      test.upstream.answer('PlaceOrder', () => order);
      const response = await place(cart);
      expect(response.status).toBe(201);
      expect(response.headers.get('location')).toBe(`/v1/orders/${ID}`);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.json()).toEqual({
        id: ID,
        state: 'PENDING',
        lines: [],
        refunds: [],
        customerId: '',
        total: { currencyCode: 'EUR', minorUnits: '1999' },
      });
      expect(test.upstream.calls[0]?.request).toMatchObject({
        lines: [{ sku: 'mug', quantity: 2 }],
        paymentMethod: 'pm_card_visa',
      });
    });

    it('takes path, query and body to their fields', async () => {
      await test.fetch('/v1/products?pageSize=3&page_token=a%2Fb');
      await test.fetch(`/v1/orders/${ID}/payment`, { token: shopper });
      const admin = await test.token('stock:write');
      const adjust = { warehouse: 'main', delta: -2, reason: 'broken', sku: 'of the body' };
      await test.fetch('/v1/products/mug.1:adjustStock', { method: 'POST', token: admin, body: adjust });
      expect(test.upstream.calls.map(({ request: { $typeName, ...fields } }) => fields)).toEqual([
        { query: '', tags: [], filter: '', orderBy: '', pageSize: 3, pageToken: 'a/b' },
        { orderId: ID },
        { sku: 'mug.1', warehouse: 'main', delta: -2, reason: 'broken' },
      ]);
    });

    it('may have an empty body where nothing is needed', async () => {
      const response = await test.fetch(`/v1/orders/${ID}:cancel`, { method: 'POST', token: shopper });
      expect(response.status).toBe(200);
      expect(test.upstream.calls[0]?.request.id).toBe(ID);
    });

    it('bears a principal that services can verify, and nothing else that a client sends', async () => {
      const token = await test.token({ sub: 'ada', scope: 'orders:read x' });
      await test.fetch(`/v1/orders/${ID}`, {
        token,
        headers: { 'x-user': 'root', 'grpc-timeout': '1S', 'x-principal-bin': 'AAAA', baggage: 'a=b', cookie: 'a=b' },
      });
      const { metadata } = test.upstream.calls[0] ?? {};
      const [authorization] = metadata?.get('authorization') ?? [];
      const keysOfGateway = createRemoteJWKSet(new URL(`${test.running.opsUrl}/.well-known/jwks.json`));
      const { payload, protectedHeader } = await jwtVerify(
        String(authorization).replace('Bearer ', ''),
        keysOfGateway,
        {
          issuer: 'gateway',
          audience: 'orders',
          typ: 'principal+jwt',
        },
      );
      expect(payload).toMatchObject({ sub: 'ada', scope: 'orders:read x' });
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(60);
      expect(protectedHeader.alg).toBe('EdDSA');
      const known = ['authorization', 'user-agent', 'accept-encoding', 'traceparent', 'tracestate'];
      expect(Object.keys(metadata?.getMap() ?? {}).filter((key) => !known.includes(key))).toEqual([]);
    });

    it('without a token is one of nobody', async () => {
      await test.fetch('/v1/products');
      const [authorization] = test.upstream.calls[0]?.metadata.get('authorization') ?? [];
      const payload = JSON.parse(Buffer.from(String(authorization).split('.')[1] ?? '', 'base64url').toString());
      expect(payload).toMatchObject({ sub: 'anonymous', aud: 'inventory', scope: '' });
    });

    it('passes its deadline on: the timeout of its policy, and what the client is ready to wait', async () => {
      test.upstream.answer('PlaceOrder', () => order);
      const left = async (headers: Record<string, string>) => {
        const response = await place(cart, headers);
        const call = test.upstream.calls.at(-1);
        const seconds = ((call?.deadline ?? 0) - Date.now()) / 1000;
        return [Math.round(seconds), call?.request.waitSeconds, response.headers.get('preference-applied')];
      };
      expect(await left({})).toEqual([10, 0, null]);
      expect(await left({ prefer: 'wait=10' })).toEqual([20, 10, 'wait=10']);
      expect(await left({ prefer: 'wait=300' })).toEqual([40, 30, 'wait=30']);
    });

    it('takes the time that a client waits from Prefer alone', async () => {
      const response = await place({ ...cart, waitSeconds: 5 });
      const violations = [{ field: 'waitSeconds', description: 'is set by the server alone' }];
      expect([response.status, await response.json()]).toMatchObject([400, { code: 'VALIDATION_FAILED', violations }]);
    });

    it('may be HEAD where GET is, and OPTIONS tells the methods', async () => {
      test.upstream.answer('GetProduct', () => ({ sku: 'mug' }));
      const head = await test.fetch('/v1/products/mug', { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([200, '']);
      expect(Number(head.headers.get('content-length'))).toBeGreaterThan(10);
      const options = await test.fetch('/v1/orders', { method: 'OPTIONS' });
      expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, POST']);
    });

    it('is answered with headers that protect its reader', async () => {
      const { headers } = await test.fetch('/v1/products');
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
    });
  });

  describe('of a web page', () => {
    it('is let in from a configured origin only', async () => {
      const preflight = async (origin: string) => {
        const { status, headers } = await test.fetch('/v1/orders', {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'idempotency-key',
          },
        });
        return [status, headers.get('access-control-allow-origin')];
      };
      expect(await preflight('https://shop.example')).toEqual([204, 'https://shop.example']);
      expect((await preflight('https://evil.example'))[1]).not.toBe('https://evil.example');
      const { headers } = await test.fetch('/v1/products', { headers: { origin: 'https://shop.example' } });
      expect(headers.get('access-control-allow-origin')).toBe('https://shop.example');
      expect(headers.get('access-control-expose-headers')).toContain('traceresponse');
      expect(headers.get('vary')).toContain('Origin');
    });
  });

  describe('that a service refuses', () => {
    it('is told in the words and with the status of the table', async () => {
      test.upstream.answer('PlaceOrder', () => {
        throw new DomainError('UNKNOWN_SKU', { violations: [{ field: 'lines[0].sku', description: 'is unknown' }] });
      });
      const response = await place(cart);
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(await response.json()).toEqual({
        type: '/errors/UNKNOWN_SKU',
        title: 'A line names a product that does not exist.',
        status: 400,
        detail: 'A line names a product that does not exist.',
        code: 'UNKNOWN_SKU',
        domain: 'ineedthatfast',
        violations: [{ field: 'lines[0].sku', description: 'is unknown' }],
      });
    });

    it('says nothing of what went wrong inside, but logs it', async () => {
      test.upstream.answer('GetProduct', () => {
        throw new TypeError('password=hunter2');
      });
      const response = await test.fetch('/v1/products/mug');
      expect(response.status).toBe(500);
      expect(await response.json()).toMatchObject({ code: 'INTERNAL', detail: 'Something went wrong on our side.' });
      expect(test.lines.some(({ level, msg, rpc }) => level === 'error' && msg === 'request failed' && rpc)).toBe(true);
    });

    it('is a 504 when the service takes longer than the policy allows', async () => {
      test.upstream.answer('PlaceOrder', ({ cancelled }) => cancelled);
      const response = await place(cart);
      expect(response.status).toBe(504);
      expect(await response.json()).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    });
  });

  it('is cancelled at the service when its client goes away', async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    test.upstream.answer('GetOrder', ({ cancelled }) => {
      arrive();
      return cancelled;
    });
    const client = new AbortController();
    const request = test.fetch(`/v1/orders/${ID}`, { token: shopper, signal: client.signal });
    const outcome = request.then(
      () => 'answered',
      () => 'aborted',
    );
    await arrived;
    client.abort();
    await test.upstream.calls[0]?.cancelled;
    expect(await outcome).toBe('aborted');
    await until(
      () => test.lines.some(({ status, rpc }) => status === 499 && rpc === 'store.orders.v1.Orders.GetOrder'),
      {
        what: 'the line of the request that was given up',
      },
    );
  });

  it('is a 503 while its service is away, and works within a second after it is back', async () => {
    expect((await test.fetch('/v1/products')).status).toBe(200);
    expect((await test.fetch('/readyz')).status).toBe(200);
    test.upstream.kill();
    const away = async () => {
      const response = await test.fetch('/v1/products');
      return response.status === 503 ? response : undefined;
    };
    const response = await until(away, { what: 'the refusal' });
    expect(response.headers.get('retry-after')).toBe('1');
    const body = await response.text();
    expect(JSON.parse(body)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', status: 503, retryAfter: 1 });
    expect(body).not.toContain('127.0.0.1');
    const ready = await fetch(`${test.running.opsUrl}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { notes: { upstreams: expect.stringContaining('cannot be reached') } },
    ]);
    // Long enough for the pauses between attempts to have grown to their limit.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await test.upstream.restart();
    const back = Date.now();
    await until(async () => (await test.fetch('/v1/products')).status === 200, {
      what: 'the service to be used again',
    });
    expect(Date.now() - back).toBeLessThan(1_500);
  });

  it('about health needs no token, and tells no details', async () => {
    const [healthz, readyz] = [await test.fetch('/healthz'), await test.fetch('/readyz')];
    expect([healthz.status, await healthz.json()]).toEqual([200, { status: 'ok' }]);
    expect([readyz.status, await readyz.json()]).toEqual([200, { status: 'ready' }]);
    const details = await (await fetch(`${test.running.opsUrl}/readyz`)).json();
    const checks = { database: 'ok', 'access token keys': 'ok', 'ended sessions': 'ok', upstreams: 'ok' };
    expect(details).toEqual({ status: 'ready', checks });
    expect((await test.fetch('/healthz', { method: 'POST' })).headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  it('leaves one line in the log, without what it carried', async () => {
    test.lines.length = 0;
    const password = 'correct horse battery staple';
    await test.fetch('/v1/users?x=1', {
      method: 'POST',
      body: { email: 'canary@example.com', password, name: 'Canary' },
    });
    const token = await test.token('orders:read');
    await test.fetch(`/v1/orders/${ID}`, { token });
    await until(() => test.lines.length >= 2, { what: 'the lines' });
    expect(test.lines).toHaveLength(2);
    expect(test.lines[1]).toMatchObject({
      method: 'GET',
      route: '/v1/orders/{id}',
      rpc: 'store.orders.v1.Orders.GetOrder',
      status: 200,
      principal: 'user',
      durationMs: expect.any(Number),
      upstreamMs: expect.any(Number),
      msg: 'request answered',
    });
    const log = JSON.stringify(test.lines);
    for (const secret of [password, 'canary', 'Canary', token]) expect(log).not.toContain(secret);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { testFolder, until } from '#libs/testing';
import { Connection } from '../../test/connection.js';
import { problemOf } from '../../test/problem-of.js';
import { TestGateway } from '../../test/test-gateway.js';

const ID = '0b6f4e55-5d4c-4c5c-8a0e-1f1a5f1b9a11';
const PRODUCTS = {
  products: Array.from({ length: 100 }, (_, i) => ({ sku: `mug-${i}`, title: 'A mug of the better kind' })),
};

describe('the edge of the gateway', () => {
  let test: TestGateway;
  beforeAll(async () => {
    test = await TestGateway.start();
  });
  afterAll(() => test?.close());
  beforeEach(() => test.upstream.reset());

  /** Without a client that decompresses by itself. */
  async function raw(path: string, headers: string, body?: string) {
    const connection = await Connection.open(test.running.url);
    const method = body === undefined ? 'GET' : 'POST';
    const length = body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    connection.send(`${method} ${path} HTTP/1.1\r\nHost: x\r\n${headers}${length}\r\n${body ?? ''}`);
    const answer = await connection.answer({ latin1: true });
    connection.destroy();
    return answer;
  }

  describe('compresses', () => {
    it.each([
      ['br, gzip', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
      ['br;q=0.1, gzip;q=0.9', 'gzip', gunzipSync],
      ['*', 'br', brotliDecompressSync],
    ] as const)('a long answer as its client accepts it: %s', async (accepted, encoding, decompress) => {
      test.upstream.answer('ListProducts', () => PRODUCTS);
      const { status, headers, body } = await raw('/v1/products', `Accept-Encoding: ${accepted}\r\n`);
      expect([status, headers['content-encoding'], headers.vary]).toEqual([200, encoding, 'Accept-Encoding']);
      expect(Number(headers['content-length'])).toBe(body.length);
      expect(JSON.parse(decompress(Buffer.from(body, 'latin1')).toString()).products).toHaveLength(100);
    });

    it.each([[''], ['Accept-Encoding: identity\r\n'], ['Accept-Encoding: br;q=0, gzip;q=0\r\n']])(
      'nothing for a client that does not accept it: %j',
      async (header) => {
        test.upstream.answer('ListProducts', () => PRODUCTS);
        const { headers } = await raw('/v1/products', header);
        expect([headers['content-encoding'], headers.vary]).toEqual([undefined, 'Accept-Encoding']);
      },
    );

    it('no short answer, and none that holds a secret, however long', async () => {
      test.upstream.answer('ListProducts', () => ({}));
      const short = await raw('/v1/products', 'Accept-Encoding: br\r\n');
      expect([short.headers['content-encoding'], short.headers.vary]).toEqual([undefined, 'Accept-Encoding']);
      test.upstream.answer('CreateSession', () => ({ accessToken: 'a'.repeat(5_000) }));
      const session = JSON.stringify({ email: 'compress@example.com', password: 'correct horse' });
      const secret = await raw('/v1/sessions', 'Accept-Encoding: br, gzip\r\n', session);
      expect([secret.status, secret.headers['content-encoding'], secret.body.length > 5_000]).toEqual([
        201,
        undefined,
        true,
      ]);
    });
  });

  describe("keeps a client's deadline", () => {
    const order = async (header: string) =>
      test.fetch(`/v1/orders/${ID}`, {
        token: await test.token('orders:read'),
        headers: { 'request-timeout': header },
      });

    it('where it is sooner than that of the route, and sends it on', async () => {
      await order('1.5');
      const left = (test.upstream.calls[0]?.deadline ?? 0) - Date.now();
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(1_500);
    });

    it('not beyond that of the route', async () => {
      await order('100000');
      expect((test.upstream.calls[0]?.deadline ?? 0) - Date.now()).toBeLessThan(30_000);
    });

    it('with a 504 that says whose it was', async () => {
      test.upstream.answer('GetOrder', ({ cancelled }) => cancelled);
      const response = await order('0.2');
      expect(response.status).toBe(504);
      expect(await problemOf(response)).toMatchObject({
        code: 'DEADLINE_EXCEEDED',
        detail: 'The answer did not come within the Request-Timeout of 0.2 s.',
        metadata: { requestTimeoutSeconds: '0.2' },
      });
    });

    it.each([['0'], ['-1'], ['1s'], ['1e3'], ['0.0001'], ['1, 2'], [''], ['NaN']])('and refuses %j', async (header) => {
      const response = await order(header);
      expect(response.status).toBe(400);
      expect((await problemOf(response)).violations?.[0]?.field).toBe('Request-Timeout');
      expect(test.upstream.calls).toEqual([]);
    });
  });

  it('hands no header of a client on that a service might believe', async () => {
    const token = await test.token({ sub: 'ada', scope: 'orders:read' });
    const forged = {
      'x-user-id': 'eve',
      'x-principal': 'eve',
      'x-forwarded-for': '192.0.2.1',
      'grpc-timeout': '1H',
      'grpc-metadata-authorization': 'Bearer evil',
      'grpc-trace-bin': 'AAAA',
      'x-envoy-upstream-rq-timeout-ms': '1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'evil=1',
      baggage: 'userId=eve',
      'idempotency-key': 'not-for-reads',
      cookie: 'session=evil',
    };
    await test.fetch(`/v1/orders/${ID}`, { token, headers: forged });
    const sent = test.upstream.calls[0]?.metadata.getMap() ?? {};
    expect(Object.keys(sent).filter((name) => !['authorization', 'user-agent', 'traceparent'].includes(name))).toEqual(
      [],
    );
    expect(sent.authorization).not.toBe(`Bearer ${token}`);
    expect(JSON.stringify(sent)).not.toMatch(/eve|evil|0af7651916cd43dd8448eb211c80319c/);
  });

  it('tells no client that a service answered with too much, and no operator that it was the client', async () => {
    test.upstream.answer('ListProducts', () => ({ products: [{ title: 'x'.repeat(17 * 1024 * 1024) }] }));
    const response = await test.fetch('/v1/products');
    expect([response.status, (await problemOf(response)).code]).toEqual([500, 'INTERNAL']);
  });

  it('answers HEAD as GET, without the body', async () => {
    test.upstream.answer('ListProducts', () => PRODUCTS);
    const get = await test.fetch('/v1/products', { headers: { 'accept-encoding': 'identity' } });
    const head = await test.fetch('/v1/products', { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, get.headers.get('content-length')]);
    expect(await head.text()).toBe('');
  });

  it('is done with every request of a connection that goes away, also with those that wait behind another', async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    test.upstream.answer('GetProduct', async ({ cancelled }) => {
      arrive();
      await cancelled;
    });
    const gone = () => test.lines.filter(({ status }) => status === 499).length;
    const before = gone();
    const connection = await Connection.open(test.running.url);
    connection.send('GET /v1/products/mug HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3));
    await arrived;
    connection.destroy();
    await until(() => gone() === before + 3, { what: 'three lines in the log' });
  });

  it('says 100 Continue only to one whose body it is going to read', async () => {
    const connection = await Connection.open(test.running.url);
    const head = 'Host: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n';
    connection.send(`POST /v1/users HTTP/1.1\r\n${head}`);
    await until(() => connection.interim.length > 0, { what: '100 Continue' });
    expect(connection.interim).toEqual([100]);
    expect((await connection.send('{}').answer()).status).toBe(400);
    connection.destroy();
    const refused = await Connection.open(test.running.url);
    refused.send(`POST /v1/orders HTTP/1.1\r\n${head}`);
    expect((await refused.answer()).status).toBe(401);
    expect(refused.interim).toEqual([]);
    refused.destroy();
  });
});

describe('caps on what one caller keeps open', () => {
  let test: TestGateway;
  beforeAll(async () => {
    const file = 'apps/gateway/gateway.yaml';
    const config = readFileSync(file, 'utf8')
      .replace(/descriptors: (\S+)/, (_, path: string) => `descriptors: ${resolve(dirname(file), path)}`)
      .replace(/^limits:\n/m, 'limits:\n  connectionsPerAddress: 20\n')
      .replace(/^streams:\n/m, 'streams:\n  perCaller: 2\n')
      .replace(/\n {2}perCaller: (?!2\n)\d+/, '')
      .replace(/\n {2}connectionsPerAddress: (?!20\n)\d+/, '');
    const changed = join(await testFolder(), 'gateway.yaml');
    writeFileSync(changed, config);
    test = await TestGateway.start({ GATEWAY_CONFIG: changed });
  });
  afterAll(() => test?.close());

  it('refuse a third stream of a caller with 429, not those of another, and take it when one has ended', async () => {
    test.upstream.stream('WatchOrder', (call) => call.write({ sequence: 1 }));
    const [ada, bob] = await Promise.all(['ada', 'bob'].map((sub) => test.token({ sub, scope: 'orders:read' })));
    const leave = new AbortController();
    const watch = (token: string | undefined, signal?: AbortSignal) =>
      test.fetch(`/v1/orders/${ID}:watch`, { ...(token && { token }), ...(signal && { signal }) });
    const open = [await watch(ada, leave.signal), await watch(ada)];
    expect(open.map(({ status }) => status)).toEqual([200, 200]);
    const third = await watch(ada);
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await problemOf(third)).toMatchObject({
      code: 'TOO_MANY_STREAMS',
      quotaViolations: [{ subject: 'streams' }],
    });
    const other = await watch(bob);
    expect(other.status).toBe(200);
    leave.abort();
    const again = await until(async () => (await watch(ada)).status === 200, { what: 'a free place' });
    expect(again).toBe(true);
    await other.body?.cancel();
  });

  it('keep no place for who went away before the stream began', async () => {
    test.upstream.stream('WatchOrder', (call) => call.write({ sequence: 1 }));
    const watch = `GET /v1/orders/${ID}:watch HTTP/1.1\r\nHost: shop.example\r\n`;
    for (let at = 0; at < 10; at += 1) {
      // A token that was not seen before takes its time.
      const token = await test.token({ sub: 'eve', sid: `session ${at}`, scope: 'orders:read' });
      const connection = await Connection.open(test.running.url);
      connection.send(`${watch}Authorization: Bearer ${token}\r\n\r\n`).destroy();
    }
    const token = await test.token({ sub: 'eve', scope: 'orders:read' });
    const leave = new AbortController();
    await until(
      async () => (await test.fetch(`/v1/orders/${ID}:watch`, { token, signal: leave.signal })).status === 200,
      { what: 'a free place' },
    );
    leave.abort();
  });

  it('refuse connections of an address beyond their number with 429, and take them when others have ended', async () => {
    const held: Connection[] = [];
    const refused = await until(
      async () => {
        const connection = await Connection.open(test.running.url);
        held.push(connection);
        const ended = await Promise.race([
          connection.end().then(() => true),
          new Promise((r) => setTimeout(r, 100, false)),
        ]);
        return ended ? connection : undefined;
      },
      { what: 'a refusal' },
    );
    expect(held.length).toBeLessThanOrEqual(21);
    const [answer] = await refused.answers();
    expect([answer?.status, JSON.parse(answer?.body ?? '').code]).toEqual([429, 'TOO_MANY_CONNECTIONS']);
    for (const connection of held) connection.destroy();
    await until(async () => (await test.fetch('/healthz').catch(() => undefined))?.status === 200, { what: 'room' });
  });
});

import { connect } from 'node:net';
import { type ProblemBody, problemOf } from '../test/problem-of.js';
import { rawRequest } from '../test/raw-request.js';
import { TestGateway } from '../test/test-gateway.js';

describe('what is no proper request', () => {
  let test: TestGateway;
  beforeAll(async () => {
    test = await TestGateway.start();
  });
  afterAll(() => test?.close());
  beforeEach(() => test.upstream.reset());

  const raw = async (request: string) => {
    const { status, head, body } = await rawRequest(test.running.url, request);
    expect(head).toMatch(/content-type: application\/problem\+json/i);
    return { status, head, problem: JSON.parse(body) as ProblemBody };
  };
  const get = (target: string, headers = '') =>
    `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`;

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['a broken request line', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['a broken header', 'GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n'],
    ['two lengths', 'POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks at once',
      'POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a method that does not exist', 'FROB / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s is a 400 with a problem document', async (_, bytes) => {
    const { status, head, problem } = await raw(bytes);
    expect(status).toBe(400);
    expect(problem).toMatchObject({ code: 'BAD_REQUEST', status: 400 });
    expect(head).toMatch(/x-content-type-options: nosniff/i);
    expect(test.upstream.calls).toEqual([]);
  });

  it('headers of more than 10,240 bytes are a 431', async () => {
    const { status, problem } = await raw(get('/v1/products', `X-Long: ${'x'.repeat(10_240)}\r\n`));
    expect([status, problem.code]).toEqual([431, 'HEADERS_TOO_LARGE']);
    expect((await test.fetch('/v1/products', { headers: { 'x-long': 'x'.repeat(9_000) } })).status).toBe(200);
  });

  it('a body of more than 10 MB is a 413, announced or not', async () => {
    const announced = await test.fetch('/v1/users', { method: 'POST', body: 'x'.repeat(10_485_761) });
    expect([announced.status, (await problemOf(announced)).code]).toEqual([413, 'BODY_TOO_LARGE']);
    const chunk = Buffer.alloc(1_048_576, 0x20);
    const streamed = await fetch(`${test.running.url}/v1/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new ReadableStream({
        start(controller) {
          for (let i = 0; i < 11; i++) controller.enqueue(chunk);
          controller.close();
        },
      }),
      duplex: 'half',
    } as RequestInit);
    expect([streamed.status, (await problemOf(streamed)).code]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it.each([
    ['/v1/products/'],
    ['//v1/products'],
    ['/v1//products'],
    ['/v1/products/mug/'],
    ['/v1%2Fproducts'],
    ['/v1/./products'],
    ['/V1/products'],
    ['/%zz'],
    ['*'],
  ])('a path that no route has is a 404: %s', async (target) => {
    const { status, problem } = await raw(get(target));
    expect([status, problem.code]).toEqual([404, 'ROUTE_NOT_FOUND']);
  });

  it('%2F in a segment stays in it, and never leads elsewhere', async () => {
    const { status, problem } = await raw(get('/v1/products/..%2Forders'));
    expect([status, problem.violations?.[0]?.field]).toEqual([400, 'sku']);
    expect(test.upstream.calls).toEqual([]);
  });

  it('the absolute form of a target is a target like any other', async () => {
    const { status } = await rawRequest(test.running.url, get('http://elsewhere.example/v1/products?pageSize=2'));
    expect(status).toBe(200);
    expect(test.upstream.calls[0]?.request.pageSize).toBe(2);
  });

  it('a known path with another method is a 405 that tells the methods', async () => {
    for (const method of ['DELETE', 'PATCH', 'PUT', 'PROPFIND']) {
      const { status, head, problem } = await raw(get('/v1/orders').replace('GET', method));
      expect([status, problem.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
      expect(head).toMatch(/allow: GET, HEAD, OPTIONS, POST/i);
    }
  });

  it.each([
    ['text/plain', '{}'],
    ['application/x-www-form-urlencoded', 'a=b'],
    ['application/json; charset=latin1', '{}'],
    ['application/jsonp', '{}'],
    ['', '{}'],
  ])('a body of type %p is a 415', async (type, body) => {
    const { status, problem } = await raw(
      `POST /v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${type && `Content-Type: ${type}\r\n`}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect([status, problem.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('a compressed body is a 415', async () => {
    const response = await test.fetch('/v1/users', {
      method: 'POST',
      body: '{}',
      headers: { 'content-encoding': 'gzip' },
    });
    expect(response.status).toBe(415);
  });

  it.each([
    ['{"email": "a@b.c"', 'MALFORMED_BODY', '', 'lacks "," or "}" (at byte 17 of the body)'],
    ['null', 'MALFORMED_BODY', '', 'must be an object, not null (at byte 0 of the body)'],
    ['[]', 'MALFORMED_BODY', '', 'must be an object, not a list (at byte 0 of the body)'],
    ['{"email": 1, "email": 2}', 'MALFORMED_BODY', '', 'has the key "email" twice (at byte 13 of the body)'],
    ['{"emial": "a@b.c"}', 'UNKNOWN_FIELD', 'emial', 'is not known; did you mean "email"?'],
    ['{"__proto__": {}}', 'UNKNOWN_FIELD', '__proto__', 'is not known'],
    ['{"email": 7}', 'VALIDATION_FAILED', 'email', 'must be a string'],
  ])('the body %s is refused with its place', async (body, code, field, description) => {
    const response = await test.fetch('/v1/users', { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code, violations: [{ field, description }] });
  });

  it('all rules that are broken are told at once, by their paths', async () => {
    const token = await test.token({ sub: 'rules', scope: 'orders:write' });
    const body = {
      lines: [
        { sku: 'mug', quantity: 0 },
        { sku: '', quantity: 1 },
      ],
      paymentMethod: 'visa',
    };
    const response = await test.fetch('/v1/orders', { method: 'POST', token, body });
    const { code, violations } = await problemOf(response);
    expect(code).toBe('VALIDATION_FAILED');
    expect(violations?.map(({ field }) => field)).toEqual(['lines[0].quantity', 'lines[1].sku', 'paymentMethod']);
  });

  it('an unknown query parameter is a 400 that names it', async () => {
    const response = await test.fetch('/v1/products?pagesize=3&apiKey=secret');
    expect(await response.json()).toMatchObject({
      code: 'UNKNOWN_FIELD',
      violations: [{ field: 'pagesize', description: 'is not known; did you mean "pageSize"?' }, { field: 'apiKey' }],
    });
  });

  it('a body where none is taken is a 400', async () => {
    const { status, problem } = await raw(
      'GET /v1/products HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
    );
    expect([status, problem.code]).toEqual([400, 'MALFORMED_BODY']);
  });

  it('a wish for another protocol is passed over', async () => {
    const upgrade = get('/v1/products', 'Upgrade: h2c, websocket\r\n').replace('close', 'Upgrade, close');
    expect((await rawRequest(test.running.url, upgrade)).status).toBe(200);
  });

  it('the address of a client is the one of its socket, whatever it claims', async () => {
    const from = (address: string) =>
      test.fetch('/v1/sessions', {
        method: 'POST',
        body: { email: 'eve@example.com', password: 'x' },
        headers: { 'x-forwarded-for': address, forwarded: `for=${address}` },
      });
    const all = await Promise.all(Array.from({ length: 25 }, (_, index) => from(`192.0.2.${index}`)));
    expect(all.some(({ status }) => status === 429)).toBe(true);
  });

  it('a connection that says nothing is closed, not kept', async () => {
    const { hostname, port } = new URL(test.running.url);
    const socket = connect(Number(port), hostname);
    socket.write('GET /v1/products HTTP/1.1\r\nHost: x\r\n');
    const chunks: string[] = [];
    socket.on('data', (chunk) => chunks.push(chunk.toString()));
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    socket.on('close', () => resolve());
    await closed;
    expect(chunks.join('')).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(chunks.join('')).toContain('"code":"REQUEST_TIMEOUT"');
  }, 20_000);
});

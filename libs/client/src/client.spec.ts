import { clientWith, json, problem, tokens } from '../test/answers.js';
import { NoAnswerError, ProblemError, type StoreClient, type Tokens } from './index.js';

const order = { lines: [{ sku: 'mug', quantity: 1 }], paymentMethod: 'pm_card_visa' };
const lost = () => new TypeError('fetch failed');
const keysOf = (requests: Request[]) => requests.map(({ headers }) => headers.get('idempotency-key'));
const bearersOf = (requests: Request[]) => requests.map(({ headers }) => headers.get('authorization'));
const signedIn = (name: string, expiresAt = Date.now() + 900_000): Tokens => ({ ...tokens(name), expiresAt });

describe('a request of the client', () => {
  it('puts fields into path, query and body', async () => {
    const { store, requests } = clientWith([json({}), json({}), json({})]);
    await store.inventory.listProducts({ pageSize: 5, pageToken: 'a b' });
    await store.inventory.getProduct({ sku: 'a/b' });
    await store.inventory.adjustStock({ sku: 'mug', warehouse: 'main', delta: -1, reason: 'broken' });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET https://api.example/v1/products?pageSize=5&pageToken=a+b',
      'GET https://api.example/v1/products/a%2Fb',
      'POST https://api.example/v1/products/mug:adjustStock',
    ]);
    expect(await requests[2]?.json()).toEqual({ warehouse: 'main', delta: -1, reason: 'broken' });
    await expect(store.inventory.getProduct({ sku: '' })).rejects.toThrow('the request needs "sku"');
  });

  it('waits for an outcome by Prefer, and tells of its answer', async () => {
    const { store, requests } = clientWith([json({ id: '1' }, 201)]);
    const answers: unknown[] = [];
    await store.orders.placeOrder(order, {
      wait: 10,
      onAnswer: ({ status, traceId }) => answers.push({ status, traceId }),
    });
    expect(requests[0]?.headers.get('prefer')).toBe('wait=10');
    expect(answers).toEqual([{ status: 201, traceId: '0af7651916cd43dd8448eb211c80319c' }]);
  });

  it('that is refused is a problem with code, fields and trace', async () => {
    const violations = [{ field: 'lines', description: 'must not be empty', reason: 'repeated.min_items' }];
    const { store } = clientWith([problem(400, 'VALIDATION_FAILED', { violations, traceId: 'abc', retryAfter: 7 })]);
    const error = await store.orders.placeOrder({ ...order, lines: [] }).catch((reason: unknown) => reason);
    if (!(error instanceof ProblemError)) throw new Error('no problem');
    expect(error).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', violations, traceId: 'abc', retryAfter: 7 });
    expect(error.is('VALIDATION_FAILED')).toBe(true);
  });

  it('that something on the way refuses is a problem too', async () => {
    const { store } = clientWith([new Response('<h1>No</h1>', { status: 502, headers: { 'retry-after': '3' } })]);
    await expect(store.inventory.listProducts()).rejects.toMatchObject({
      status: 502,
      code: 'HTTP_502',
      retryAfter: 3,
    });
  });
});

describe('a try of the client', () => {
  it('is repeated under the same key when the answer is lost, and each call has its own', async () => {
    const { store, requests } = clientWith([lost(), json({ id: '1' }, 201), json({ id: '2' }, 201)]);
    expect(await store.orders.placeOrder(order)).toMatchObject({ id: '1' });
    await store.orders.placeOrder(order);
    const [first, again, other] = keysOf(requests);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('waits as long as the API says', async () => {
    const { store, requests } = clientWith([
      problem(503, 'UPSTREAM_UNAVAILABLE', { retryAfter: 0.05 }),
      json({ id: '1' }, 201),
    ]);
    const started = performance.now();
    await store.orders.placeOrder(order, { idempotencyKey: 'mine' });
    expect(performance.now() - started).toBeGreaterThan(45);
    expect(keysOf(requests)).toEqual(['mine', 'mine']);
  });

  it('is not repeated where that could do something twice, nor for ever, nor when it was refused', async () => {
    const single = clientWith([lost()]);
    await expect(single.store.users.createUser({ email: 'a@b.example', password: 'p' })).rejects.toThrow(NoAnswerError);
    const ever = clientWith([lost(), lost()], { attempts: 2 });
    await expect(ever.store.inventory.listProducts()).rejects.toMatchObject({ reason: 'network' });
    const refused = clientWith([problem(404, 'ORDER_NOT_FOUND')]);
    await expect(refused.store.orders.getOrder({ id: '1' })).rejects.toThrow('ORDER_NOT_FOUND');
  });

  it('ends with the time of the call, or when the caller gives up', async () => {
    const never = ({ signal }: Request) =>
      new Promise<Response>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const { store } = clientWith([never, never]);
    await expect(store.inventory.listProducts({}, { timeoutMs: 30 })).rejects.toMatchObject({ reason: 'timeout' });
    const caller = new AbortController();
    const call = store.inventory.listProducts({}, { signal: caller.signal });
    caller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });
});

describe('the session of a client', () => {
  it('begins with a sign-in and goes with each call that needs it', async () => {
    const kept: unknown[] = [];
    const { store, requests } = clientWith([json(tokens('1'), 201), json({}), json({}), json({})], {
      onTokens: (pair) => kept.push(pair?.accessToken),
    });
    await store.signIn({ email: 'a@b.example', password: 'p' });
    await store.users.getMe();
    await store.inventory.listProducts();
    await store.signOut();
    expect(bearersOf(requests)).toEqual([null, 'Bearer access 1', null, 'Bearer access 1']);
    expect(kept).toEqual([undefined, 'access 1', undefined]);
    expect(store.isSignedIn).toBe(false);
  });

  it('is renewed once for all calls that find its token expired', async () => {
    const { store, requests } = clientWith([json(tokens('2')), json({}), json({}), json({})], {
      tokens: signedIn('1', Date.now() + 1_000),
    });
    await Promise.all([store.users.getMe(), store.users.getMe(), store.users.getMe()]);
    expect(await requests[0]?.json()).toEqual({ refreshToken: 'refresh 1' });
    expect(bearersOf(requests)).toEqual([null, ...Array(3).fill('Bearer access 2')]);
  });

  it('is renewed when its token is refused, and the call is made again', async () => {
    const { store, requests } = clientWith(
      [problem(401, 'UNAUTHENTICATED'), json(tokens('2')), json({ name: 'Ada' })],
      { tokens: signedIn('1') },
    );
    expect(await store.users.getMe()).toEqual({ name: 'Ada' });
    expect(bearersOf(requests)).toEqual(['Bearer access 1', null, 'Bearer access 2']);
  });

  it('is over when it cannot be renewed: the program is told, once', async () => {
    const reasons: string[] = [];
    const { store } = clientWith(
      [problem(401, 'UNAUTHENTICATED'), problem(401, 'UNAUTHENTICATED'), problem(401, 'UNAUTHENTICATED')],
      { tokens: signedIn('1'), onSignOut: ({ code }) => reasons.push(code) },
    );
    await Promise.all([
      expect(store.users.getMe()).rejects.toThrow('401'),
      expect(store.users.getMe()).rejects.toThrow('401'),
    ]);
    expect(reasons).toEqual(['UNAUTHENTICATED']);
    expect(store.isSignedIn).toBe(false);
  });

  it('of one user never carries what was begun for another: not again, not after a renewal, not after a pause', async () => {
    const asAnother = async (first: (store: StoreClient) => Promise<Response>, expiresAt?: number) => {
      const { store, requests } = clientWith(
        [
          async () => {
            const reply = await first(store);
            await store.signIn({ email: 'bo@shop.example', password: 'correct horse' });
            return reply;
          },
          json(tokens('Bo')),
          ...Array(2).fill(problem(401, 'UNAUTHENTICATED')),
        ],
        { tokens: signedIn('Ada', expiresAt) },
      );
      await expect(store.orders.placeOrder(order)).rejects.toThrow();
      return bearersOf(requests);
    };
    // The token is refused since its session has just ended; a try fails; a renewal is under way.
    expect(await asAnother(async () => problem(401, 'UNAUTHENTICATED'))).not.toContain('Bearer access Bo');
    expect(await asAnother(async () => problem(503, 'UPSTREAM_UNAVAILABLE', { retryAfter: 0.01 }))).not.toContain(
      'Bearer access Bo',
    );
    expect(await asAnother(async () => json(tokens('Ada 2')), Date.now())).not.toContain('Bearer access Bo');
  });

  it('is kept when the API cannot be reached for a new token', async () => {
    const { store } = clientWith([problem(401, 'UNAUTHENTICATED'), lost()], { tokens: signedIn('1'), attempts: 1 });
    await expect(store.users.getMe()).rejects.toThrow(NoAnswerError);
    expect(store.isSignedIn).toBe(true);
  });
});

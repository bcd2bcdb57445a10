import { DomainError } from '#libs/errors';
import { until } from '#libs/testing';
import { problemOf } from '../test/problem-of.js';
import { TestGateway } from '../test/test-gateway.js';

const cart = { lines: [{ sku: 'mug', quantity: 2 }], paymentMethod: 'pm_card_visa' };

describe('the way of a request', () => {
  let test: TestGateway;
  beforeAll(async () => {
    test = await TestGateway.start({ TRUSTED_PROXIES: '127.0.0.1' });
  });
  afterAll(() => test?.close());
  beforeEach(() => test.upstream.reset());

  describe('is throttled', () => {
    const signIn = (email: string, address: string) =>
      test.fetch('/v1/sessions', {
        method: 'POST',
        body: { email, password: 'x' },
        headers: { 'x-forwarded-for': address },
      });

    it('by account and address at sign-in: 20 at once, then one a second', async () => {
      const flood = (email: string, length: number) =>
        Promise.all(Array.from({ length }, () => signIn(email, '192.0.2.1')));
      const begun = performance.now();
      const all = await flood('Ada@example.com', 40);
      // What a busy machine takes longer for, the bucket gains meanwhile.
      const gained = Math.ceil((performance.now() - begun) / 1000);
      const refused = all.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThanOrEqual(20 - gained);
      expect(refused.length).toBeLessThanOrEqual(20);
      const [first] = refused;
      expect(first?.headers.get('retry-after')).toBe('1');
      expect(first?.headers.get('ratelimit-limit')).toBe('20');
      expect(first?.headers.get('ratelimit-remaining')).toBe('0');
      expect(first?.headers.get('ratelimit-policy')).toBe('20;w=20;name="address+field"');
      expect(await first?.json()).toMatchObject({
        code: 'THROTTLED',
        retryAfter: 1,
        metadata: { bucket: 'address+field', limit: '20' },
      });
      // A bucket of its own would have room for them all.
      expect((await flood('ada@EXAMPLE.com', 15)).map(({ status }) => status)).toContain(429);
      expect((await signIn('bob@example.com', '192.0.2.1')).status).toBe(201);
      expect((await signIn('ada@example.com', '192.0.2.2')).status).toBe(201);
    });

    it('by principal at orders: 50 a second and 100 at once', async () => {
      const token = await test.token('orders:write');
      const key = { 'idempotency-key': 'level' };
      const { headers } = await test.fetch('/v1/orders', { method: 'POST', token, body: cart, headers: key });
      expect(headers.get('ratelimit-limit')).toBe('100');
      expect(headers.get('ratelimit-policy')).toBe('100;w=2;name="principal"');
    });

    it('before its body is looked at', async () => {
      const signUp = (body: string) =>
        test.fetch('/v1/users', { method: 'POST', body, headers: { 'x-forwarded-for': '192.0.2.99' } });
      const flood = async () => {
        const all = await Promise.all(Array.from({ length: 60 }, () => signUp('{')));
        expect(all.every(({ status }) => status === 400 || status === 429)).toBe(true);
        return all.find(({ status }) => status === 429);
      };
      const refused = await until(flood, { what: 'a bucket of 100 to be empty', timeout: 20_000 });
      expect((await problemOf(refused)).metadata).toEqual({ bucket: 'address', limit: '100', rate: '5' });
    }, 30_000);
  });

  describe('goes through the stages in order', () => {
    it('size → match → authenticate → throttle → bind → validate → idempotency → call', async () => {
      test.upstream.answer('PlaceOrder', () => {
        throw new DomainError('UNKNOWN_SKU');
      });
      const code = async (path: string, init: Parameters<TestGateway['fetch']>[1] = {}) => {
        const response = await test.fetch(path, { method: 'POST', ...init });
        return [response.status, (await problemOf(response)).code];
      };
      const large = 'x'.repeat(10_485_761);
      expect(await code('/nowhere', { body: large })).toEqual([413, 'BODY_TOO_LARGE']);
      expect(await code('/nowhere', { token: 'bad', body: '{' })).toEqual([404, 'ROUTE_NOT_FOUND']);
      expect(await code('/v1/orders', { token: 'bad', body: '{' })).toEqual([401, 'UNAUTHENTICATED']);
      const [poor, rich] = [
        await test.token('orders:read'),
        await test.token({ sub: 'stages', scope: 'orders:write' }),
      ];
      expect(await code('/v1/orders', { token: poor, body: '{' })).toEqual([403, 'PERMISSION_DENIED']);
      expect(await code('/v1/orders', { token: rich, body: 'x', headers: { 'content-type': 'text/plain' } })).toEqual([
        415,
        'UNSUPPORTED_MEDIA_TYPE',
      ]);
      expect(await code('/v1/orders', { token: rich, body: '{' })).toEqual([400, 'MALFORMED_BODY']);
      expect(await code('/v1/orders', { token: rich, body: { line: [] } })).toEqual([400, 'UNKNOWN_FIELD']);
      expect(await code('/v1/orders', { token: rich, body: {} })).toEqual([400, 'VALIDATION_FAILED']);
      expect(await code('/v1/orders', { token: rich, body: cart })).toEqual([400, 'IDEMPOTENCY_KEY_REQUIRED']);
      expect(test.upstream.calls).toEqual([]);
      const key = { 'idempotency-key': 'stages' };
      expect(await code('/v1/orders', { token: rich, body: cart, headers: key })).toEqual([400, 'UNKNOWN_SKU']);
      expect(test.upstream.calls).toHaveLength(1);
    });
  });
});

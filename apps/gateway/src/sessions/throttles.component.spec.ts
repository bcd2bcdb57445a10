import { Throttle_Dimension as Dimension } from '#libs/contracts';
import { problemOf } from '../../test/problem-of.js';
import { TestGateway } from '../../test/test-gateway.js';

const CALLS = {
  CreateUser: { path: '/v1/users', body: { email: 'ada@shop.example', password: 'long enough', name: 'Ada' } },
  CreateSession: { path: '/v1/sessions', body: { email: 'ada@shop.example', password: 'x' } },
  RefreshSession: { path: '/v1/sessions:refresh', body: { refreshToken: 'x' } },
} as const;
const NAMES = ['CreateUser', 'CreateSession', 'RefreshSession'] as const;

describe('sign-up, sign-in and refresh', () => {
  let test: TestGateway;
  beforeAll(async () => {
    test = await TestGateway.start({ TRUSTED_PROXIES: '127.0.0.1' });
  });
  afterAll(() => test?.close());

  const throttlesOf = (name: string) =>
    test.running.deployments.current.operations.all.find(({ rpc }) => rpc.name === name)?.throttles ?? [];
  const call = (name: keyof typeof CALLS, address: string, body: object = {}) =>
    test.fetch(CALLS[name].path, {
      method: 'POST',
      body: { ...CALLS[name].body, ...body },
      headers: { 'x-forwarded-for': address },
    });

  it.each(NAMES)(
    '%s has a bucket for each address, and one for the whole route that no single address can empty',
    (name) => {
      const [address, route] = throttlesOf(name);
      expect(address?.per).toEqual([Dimension.ADDRESS]);
      expect(route?.per).toEqual([Dimension.ROUTE]);
      // A call that its address may not make takes nothing from the bucket of the route, which comes later.
      expect(route?.burst).toBeGreaterThanOrEqual(10 * (address?.burst ?? Number.POSITIVE_INFINITY));
      expect(route?.rate).toBeGreaterThanOrEqual(10 * (address?.rate ?? Number.POSITIVE_INFINITY));
    },
  );

  it.each(NAMES)('%s has no bucket of an account alone: nobody can keep its owner out', (name) => {
    const byField = throttlesOf(name).filter(({ per }) => per.includes(Dimension.FIELD));
    expect(byField.filter(({ per }) => !per.includes(Dimension.ADDRESS))).toEqual([]);
    // Nor is a refresh token a key: whoever guesses one has another each time.
    expect(byField.map(({ field }) => field)).toEqual(name === 'CreateSession' ? ['email'] : []);
  });

  it.each(NAMES)(
    '%s is refused to an address that floods it, and to no other',
    async (name) => {
      const flood = `192.0.2.${NAMES.indexOf(name) + 1}`;
      const burst = throttlesOf(name)[0]?.burst ?? 0;
      let [admitted, limited] = [0, ''];
      for (let number = 0; limited === '' && number < 10 * burst; number += 1) {
        const answer = await call(name, flood, name === 'CreateSession' ? { email: `u${number}@shop.example` } : {});
        if (answer.status === 429) limited = (await problemOf(answer)).metadata?.bucket ?? 'no bucket';
        else admitted += 1;
      }
      expect(limited).toBe('address');
      expect(admitted).toBeGreaterThanOrEqual(burst);
      expect((await call(name, '198.51.100.7')).status).toBeLessThan(300);
    },
    60_000,
  );

  it('lets the owner in while somebody elsewhere guesses at the account', async () => {
    const email = 'victim@shop.example';
    const guesses = await Promise.all(
      Array.from({ length: 40 }, () => call('CreateSession', '203.0.113.9', { email })),
    );
    expect(guesses.filter(({ status }) => status === 429).length).toBeGreaterThan(10);
    expect((await call('CreateSession', '198.51.100.8', { email })).status).toBe(201);
  });
});

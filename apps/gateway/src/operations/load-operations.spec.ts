import { readGatewayConfig } from '../gateway-config.js';
import { loadOperations } from './load-operations.js';

const addresses = {
  USERS_ADDRESS: 'users:1',
  INVENTORY_ADDRESS: 'inventory:1',
  ORDERS_ADDRESS: 'orders:1',
  PAYMENTS_ADDRESS: 'payments:1',
  DATABASE_URL: 'postgres://gateway@127.0.0.1/store',
  TOKEN_JWKS_URL: 'http://users:1/jwks.json',
};
const [store] = readGatewayConfig('apps/gateway/gateway.yaml', addresses).apis;
if (!store) throw new Error('gateway.yaml names no API');

describe('the operations of an API', () => {
  it('know where they are answered, for whom tokens are, and what their policy says', () => {
    const operation = loadOperations([store]).all.find(({ name }) => name === 'store.orders.v1.Orders.PlaceOrder');
    expect(operation).toMatchObject({
      upstream: { address: 'orders:1', audience: 'orders' },
      access: { kind: 'scopes', all: ['orders:write'], any: [] },
      timeoutMs: 10_000,
      successStatus: 201,
      idempotency: { required: true, ttlSeconds: 86400 },
    });
    const watch = loadOperations([store]).all.find(({ name }) => name === 'store.orders.v1.Orders.WatchOrder');
    expect(watch).toMatchObject({ timeoutMs: 3_600_000, access: { all: ['orders:read'] } });
  });

  it('are reached below the prefix of their API', () => {
    const { router } = loadOperations([{ ...store, prefix: '/shop' }]);
    expect(router.match('GET', '/shop/v1/products').kind).toBe('route');
    expect(router.match('GET', '/v1/products').kind).toBe('not-found');
  });

  it('may have an audience of their own choice', () => {
    const upstreams = {
      ...store.upstreams,
      'store.orders.v1.Orders': { address: 'x:1', audience: 'orders-two', credentials: 'none' as const },
    };
    const order = loadOperations([{ ...store, upstreams }]).all.find(({ name }) => name.endsWith('.GetOrder'));
    expect(order?.upstream).toMatchObject({ address: 'x:1', audience: 'orders-two' });
  });

  it('are refused without an address, and addresses without operations, all at once', () => {
    const { 'store.payments.v1.Payments': _, ...others } = store.upstreams;
    const upstreams = { ...others, 'store.Nothing': { address: 'x:1', credentials: 'none' as const } };
    expect(() => loadOperations([{ ...store, upstreams }])).toThrow(
      [
        'The gateway cannot serve its APIs:',
        'API store: store.payments.v1.Payments has http rules, but no address in "upstreams"',
        'API store: "upstreams" names store.Nothing, which has no http rules here',
      ].join('\n'),
    );
  });

  it('are refused when two APIs claim one path', () => {
    expect(() => loadOperations([store, { ...store, name: 'other' }])).toThrow('claim the same path');
  });

  it('are refused from a file that is no descriptor set', () => {
    expect(() => loadOperations([{ ...store, descriptors: 'package.json' }])).toThrow(
      'API store: package.json is not a complete descriptor set',
    );
  });
});

import { readFileSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import { ProductSchema } from '#libs/contracts';
import { loadRegistry } from '#libs/transcoding';
import { readGatewayConfig } from '../gateway-config.js';
import { loadOperations, operationsOf } from './load-operations.js';

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
  it('answer in the JSON that their configuration asks for, compiled or not', () => {
    const bytes = toBinary(ProductSchema, create(ProductSchema, { sku: 'A', imageUrl: 'x', price: {} }));
    const registry = loadRegistry(readFileSync(store.descriptors ?? ''), 'store');
    for (const codec of ['compiled', 'reflective'] as const) {
      const api = { ...store, json: { unpopulated: 'omitted', names: 'proto', enums: 'numbers' } as const };
      const { routes = [] } = operationsOf([{ api, registry, codec }], () => {}) ?? {};
      const bound = routes.find(({ operation }) => operation.name.endsWith('.GetProduct'));
      expect(bound?.codec.encode(bytes).json.toString()).toBe('{"sku":"A","price":{},"image_url":"x"}');
    }
  });

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

  it('that move money or are for administrators are closed while ended sessions cannot be known', () => {
    const guarded = loadOperations([store]).all.filter(
      ({ access }) =>
        access.kind === 'scopes' &&
        access.all.some((scope) => /^(orders:write|orders:refund|products:write|stock:\w+|users:admin)$/.test(scope)),
    );
    expect(guarded.length).toBeGreaterThan(10);
    expect(guarded.filter(({ policy }) => !policy.freshSession).map(({ name }) => name)).toEqual([]);
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
        'apis[0].upstreams: store.payments.v1.Payments has http rules, but no address here: add one, or name it in "ignore"',
        'apis[0].upstreams["store.Nothing"]: there is no service store.Nothing in the descriptors',
      ].join('\n'),
    );
  });

  it('can be left out by service', () => {
    const { 'store.payments.v1.Payments': _, ...upstreams } = store.upstreams;
    const { all } = loadOperations([{ ...store, upstreams, ignore: ['store.payments.v1.Payments'] }]);
    expect(all.some(({ name }) => name.startsWith('store.payments.'))).toBe(false);
    expect(all.length).toBeGreaterThan(5);
  });

  it('are refused when two APIs claim one path', () => {
    expect(() => loadOperations([store, { ...store, name: 'other' }])).toThrow('claim the same path');
  });

  it('are refused from a file that is no descriptor set', () => {
    expect(() => loadOperations([{ ...store, descriptors: 'package.json' }])).toThrow(
      'apis[0].descriptors: package.json is not a complete descriptor set',
    );
  });

  it('take from the configuration what their protos do not say, and what operators tune', () => {
    const policies = {
      'store.orders.v1.Orders.PlaceOrder': { timeout: '3s', throttle: [{ rate: 1, burst: 2, per: ['ROUTE'] }] },
    };
    const { all } = loadOperations([{ ...store, policies, defaultPolicy: { timeout: '4s', stream: { form: 'SSE' } } }]);
    const of = (rpc: string) => all.find(({ name }) => name === `store.orders.v1.Orders.${rpc}`);
    expect(of('PlaceOrder')).toMatchObject({
      access: { kind: 'scopes', all: ['orders:write'] },
      timeoutMs: 3_000,
      throttles: [{ rate: 1, burst: 2 }],
      successStatus: 201,
    });
    expect(of('GetOrder')).toMatchObject({ access: { all: ['orders:read'] }, timeoutMs: 4_000, stream: undefined });
  });

  it.each([
    [
      { policies: { 'store.orders.v1.Orders.GetOrder': { public: true } } },
      /GetOrder"\]\.public: is said by the proto/,
    ],
    [
      { policies: { 'store.orders.v1.Orders.GetOrders': {} } },
      /policies\["store\.orders\.v1\.Orders\.GetOrders"\]: is no RPC/,
    ],
    [{ policies: { 'store.orders.v1.Orders.GetOrder': { timeout: 'soon' } } }, /\.timeout: .*soon/],
    [{ policies: { 'store.orders.v1.Orders.GetOrder': { cach: {} } } }, /\.cach: key "cach" is unknown/],
    [
      {
        policies: {
          'store.orders.v1.Orders.GetOrder': { throttle: [{ rate: 1, burst: 1, per: ['ROUTE'] }, { rat: 1 }] },
        },
      },
      /throttle\[1\]: .*rat/,
    ],
    [
      { policies: { 'store.orders.v1.Orders.GetOrder': { cache: {} } } },
      /orders\.proto:\d+:3 store\.orders\.v1\.Orders\.GetOrder: \(gateway\.v1\.policy\)\.cache is not implemented yet/,
    ],
    [{ defaultPolicy: { public: true } }, /defaultPolicy\.public: would open every RPC/],
  ])('are refused with a configured policy that cannot be: %j', (more, problem) => {
    expect(() => loadOperations([{ ...store, ...more }])).toThrow(problem);
  });
});

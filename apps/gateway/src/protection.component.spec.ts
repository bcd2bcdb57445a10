import { generateKeyPair } from 'jose';
import { TestGateway } from '../test/test-gateway.js';
import type { TokenOptions } from '../test/test-issuer.js';
import { readGatewayConfig } from './gateway-config.js';
import { loadOperations } from './operations/load-operations.js';

const addresses = {
  ...Object.fromEntries(['USERS', 'INVENTORY', 'ORDERS', 'PAYMENTS'].map((name) => [`${name}_ADDRESS`, '127.0.0.1:1'])),
  DATABASE_URL: 'postgres://gateway@127.0.0.1/store',
  TOKEN_JWKS_URL: 'http://127.0.0.1:1/jwks.json',
};
const { all } = loadOperations(readGatewayConfig('apps/gateway/gateway.yaml', addresses).apis);
const open = all.filter(({ access }) => access.kind === 'public').map(({ name }) => name);
const closed = all.filter(({ access }) => access.kind !== 'public').map(({ name }) => name);
const scoped = all.filter(({ access }) => access.kind === 'scopes').map(({ name }) => name);

describe('the operations of the store', () => {
  let test: TestGateway;
  beforeAll(async () => {
    test = await TestGateway.start();
  });
  afterAll(() => test?.close());
  beforeEach(() => test.upstream.reset());

  /** An otherwise empty request to an operation. */
  const call = async (name: string, token?: string) => {
    const [method, path] = REQUESTS[name] ?? ['GET', '/'];
    const response = await test.fetch(path, { method, token, headers: { 'idempotency-key': 'k' } });
    await response.body?.cancel();
    return response;
  };
  const scopesOf = (name: string) => {
    const access = all.find((operation) => operation.name === name)?.access;
    return access?.kind === 'scopes' ? access.all : [];
  };

  it('are all tested here', () => {
    expect(Object.keys(REQUESTS).sort()).toEqual(all.map(({ name }) => name).sort());
    expect(closed.length).toBeGreaterThan(7);
  });

  it.each(closed)('%s is closed without a token', async (name) => {
    const response = await call(name);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(test.upstream.calls).toEqual([]);
  });

  it.each(scoped)('%s is closed to a token without its scope', async (name) => {
    const response = await call(name, await test.token('something:else orders'));
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer error="insufficient_scope", scope="${scopesOf(name).join(' ')}"`,
    );
    expect(test.upstream.calls).toEqual([]);
  });

  it.each(closed)('%s is open to a token with its scope', async (name) => {
    const response = await call(name, await test.token(scopesOf(name).join(' ')));
    expect([200, 201, 202, 400]).toContain(response.status);
  });

  it.each(open)('%s is open to anybody, but not to a token that is not valid', async (name) => {
    expect([200, 201, 202, 400]).toContain((await call(name)).status);
    expect((await call(name, await test.token())).status).toBeLessThan(401);
    test.upstream.reset();
    expect((await call(name, 'not.a.token')).status).toBe(401);
    expect(test.upstream.calls).toEqual([]);
  });

  it.each<[string, TokenOptions]>([
    ['has expired', { expiresIn: -10 }],
    ['is of another issuer', { iss: 'https://elsewhere.example' }],
    ['is for another audience', { aud: 'elsewhere' }],
    ['is a principal token', { typ: 'principal+jwt' }],
    ['has no type', { typ: 'JWT' }],
    ['names an unknown key', { kid: 'unknown' }],
  ])('are closed to a token that %s', async (_, options) => {
    const response = await call('store.users.v1.Users.GetMe', await test.token({ scope: 'users:read', ...options }));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('are closed to a token that another key has signed, or nobody', async () => {
    const { privateKey } = await generateKeyPair('EdDSA');
    const forged = await test.token({ scope: 'users:read', key: privateKey });
    expect((await call('store.users.v1.Users.GetMe', forged)).status).toBe(401);
    const [, payload] = (await test.token('users:read')).split('.');
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt","kid":"test"}').toString('base64url')}.${payload}.`;
    expect((await call('store.users.v1.Users.GetMe', unsigned)).status).toBe(401);
  });

  it('are closed to credentials of another kind', async () => {
    for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer a b', `bearer`, '']) {
      expect((await test.fetch('/v1/users/me', { headers: { authorization } })).status).toBe(401);
    }
  });
});

const id = '0b6f4e55-5d4c-4c5c-8a0e-1f1a5f1b9a11';
/** A request that reaches each operation: a new one has to be added here. */
const REQUESTS: Record<string, [method: string, path: string]> = {
  'store.users.v1.Users.CreateUser': ['POST', '/v1/users'],
  'store.users.v1.Users.GetMe': ['GET', '/v1/users/me'],
  'store.users.v1.Users.CreateSession': ['POST', '/v1/sessions'],
  'store.users.v1.Users.RefreshSession': ['POST', '/v1/sessions:refresh'],
  'store.users.v1.Users.ListSessions': ['GET', '/v1/sessions'],
  'store.users.v1.Users.EndCurrentSession': ['DELETE', '/v1/sessions/current'],
  'store.users.v1.Users.EndSession': ['DELETE', `/v1/sessions/${id}`],
  'store.users.v1.Users.EnrolTotp': ['POST', '/v1/users/me/totp'],
  'store.users.v1.Users.ConfirmTotp': ['POST', '/v1/users/me/totp:confirm'],
  'store.users.v1.Users.DisableTotp': ['POST', '/v1/users/me/totp:disable'],
  'store.users.v1.Users.UpdateMe': ['PATCH', '/v1/users/me'],
  'store.users.v1.Users.ChangePassword': ['POST', '/v1/users/me:changePassword'],
  'store.users.v1.Users.ExportMe': ['GET', '/v1/users/me:export'],
  'store.users.v1.Users.DeleteMe': ['DELETE', '/v1/users/me'],
  'store.users.v1.Users.GetDeletion': ['GET', `/v1/deletions/${id}`],
  'store.users.v1.Users.SendVerification': ['POST', '/v1/users/me:sendVerification'],
  'store.users.v1.Users.VerifyEmail': ['POST', '/v1/users:verifyEmail'],
  'store.users.v1.Users.RequestPasswordReset': ['POST', '/v1/users:requestPasswordReset'],
  'store.users.v1.Users.ResetPassword': ['POST', '/v1/users:resetPassword'],
  'store.users.v1.Users.GrantRole': ['POST', `/v1/users/${id}:grantRole`],
  'store.users.v1.Users.RevokeRole': ['POST', `/v1/users/${id}:revokeRole`],
  'store.users.v1.Users.ListUsers': ['GET', '/v1/users'],
  'store.users.v1.Users.GetJsonWebKeySet': ['GET', '/.well-known/jwks.json'],
  'store.inventory.v1.Inventory.ListProducts': ['GET', '/v1/products'],
  'store.inventory.v1.Inventory.GetProduct': ['GET', '/v1/products/mug'],
  'store.inventory.v1.Inventory.CreateProduct': ['POST', '/v1/products'],
  'store.inventory.v1.Inventory.UpdateProduct': ['PATCH', '/v1/products/mug'],
  'store.inventory.v1.Inventory.GetProductStock': ['GET', '/v1/products/mug/stock'],
  'store.inventory.v1.Inventory.ListStockMovements': ['GET', '/v1/products/mug/stock/movements'],
  'store.inventory.v1.Inventory.AdjustStock': ['POST', '/v1/products/mug:adjustStock'],
  'store.orders.v1.Orders.PlaceOrder': ['POST', '/v1/orders'],
  'store.orders.v1.Orders.GetOrder': ['GET', `/v1/orders/${id}`],
  'store.orders.v1.Orders.ListOrders': ['GET', '/v1/orders'],
  'store.orders.v1.Orders.ListOrderHistory': ['GET', `/v1/orders/${id}/history`],
  'store.orders.v1.Orders.CancelOrder': ['POST', `/v1/orders/${id}:cancel`],
  'store.orders.v1.Orders.RefundOrder': ['POST', `/v1/orders/${id}:refund`],
  'store.orders.v1.Orders.WatchOrder': ['GET', `/v1/orders/${id}:watch`],
  'store.payments.v1.Payments.GetPayment': ['GET', `/v1/orders/${id}/payment`],
};

import { generateKeyPair, SignJWT } from 'jose';
import pg from 'pg';
import { Database } from '#libs/database';
import { type TestCaller, type TestDatabase, testCaller, testDatabase } from '#libs/testing';
import { PrincipalTokens, PrincipalVerifier, SigningKeys } from './index.js';
import { SigningKeysStore } from './signing-keys.store.js';

const DAY = 86_400;

let database: TestDatabase;
let replicas: Database[];
let admin: pg.Client;

const replica = (): SigningKeys => {
  const own = new Database({ url: database.url, applicationName: 'identity-test' });
  replicas.push(own);
  return new SigningKeys(new SigningKeysStore(own));
};
const kids = async (keys: SigningKeys) => (await keys.jwks()).keys.map(({ kid }) => kid);
const age = (seconds: number, kid?: string) =>
  admin.query(
    'UPDATE users.signing_keys SET create_time = now() - make_interval(secs => $1) WHERE kid = coalesce($2, kid)',
    [seconds, kid],
  );

beforeAll(async () => {
  database = await testDatabase('users');
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
});

beforeEach(async () => {
  replicas = [];
  await admin.query('TRUNCATE users.signing_keys');
});

afterEach(() => Promise.all(replicas.map((own) => own.close())));

afterAll(async () => {
  await admin?.end();
  await database?.close();
});

describe('signing keys', () => {
  it('are the same for all replicas, even when they start at once on an empty table', async () => {
    const started = Array.from({ length: 6 }, replica);
    // With their connections open, they really run at once.
    await Promise.all(replicas.map((own) => new SigningKeysStore(own).all()));
    const signing = await Promise.all(started.map((keys) => keys.current()));
    expect(new Set(signing.map(({ kid }) => kid)).size).toBe(1);
    expect(await kids(replica())).toEqual([signing[0]?.kid]);
  });

  it('are published without their private part', async () => {
    const [jwk] = (await replica().jwks()).keys;
    expect(jwk).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: expect.any(String),
      kid: expect.any(String),
      alg: 'EdDSA',
      use: 'sig',
    });
  });

  it('are followed by a new one after 30 days, which signs only when verifiers have had an hour to see it', async () => {
    const { kid: old } = await replica().current();
    await age(31 * DAY);
    const rotated = replica();
    const [young = '', ...others] = await kids(rotated);
    expect(others).toEqual([old]);
    expect((await rotated.current()).kid).toBe(old);
    await age(3_601, young);
    expect((await replica().current()).kid).toBe(young);
  });

  it('disappear when all that they signed has long expired', async () => {
    const { kid: old } = await replica().current();
    await age(61 * DAY);
    expect(await kids(replica())).not.toContain(old);
  });
});

describe('a principal token', () => {
  let caller: TestCaller;

  beforeAll(async () => {
    caller = await testCaller('orders');
  });

  afterAll(() => caller?.close());

  const verifier = (url = caller.trustedCallers.split('=', 2)[1] ?? '') =>
    new PrincipalVerifier({ audience: 'inventory', trustedCallers: new Map([['orders', new URL(url)]]) });
  const claims = { audience: 'inventory', subject: 'service:orders', scopes: ['stock:read', 'stock:write'] };

  it('tells who is called for, by whom, with which scopes', async () => {
    expect(await verifier().verify(await caller.token(claims))).toEqual({
      subject: 'service:orders',
      scopes: ['stock:read', 'stock:write'],
      issuer: 'orders',
    });
  });

  it('is minted once for the calls of a principal, and signed by the key of the table', async () => {
    const tokens = new PrincipalTokens('orders', replica());
    const callFor = { subject: 'user-1', scopes: ['a'] };
    const [first, second, other] = await Promise.all([
      tokens.mint(callFor, 'inventory'),
      tokens.mint(callFor, 'inventory'),
      tokens.mint({ subject: 'user-1', scopes: ['a', 'b'] }, 'inventory'),
    ]);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    expect(await tokens.mint(callFor, 'payments')).not.toBe(first);
    const [, payload = ''] = first.split('.');
    const { iat, exp, ...rest } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(rest).toEqual({ iss: 'orders', aud: 'inventory', sub: 'user-1', scope: 'a' });
    expect(exp - iat).toBe(60);
  });

  it('costs one fetch of the keys, however many come at once', async () => {
    const one = verifier();
    const before = caller.fetches();
    const tokens = await Promise.all(['a', 'b', 'c'].map((subject) => caller.token({ ...claims, subject })));
    await Promise.all(tokens.map((token) => one.verify(token)));
    expect(caller.fetches() - before).toBe(1);
  });

  it('with an unknown key does not make us fetch for each call', async () => {
    const one = verifier();
    await one.verify(await caller.token(claims));
    const before = caller.fetches();
    for (const kid of ['x', 'y', 'z']) {
      await expect(one.verify(await caller.token({ ...claims, header: { kid } }))).rejects.toMatchObject({
        code: 'UNAUTHENTICATED',
      });
    }
    expect(caller.fetches()).toBe(before);
  });

  it('is not believed when it brings its own key', async () => {
    const mallory = await testCaller('orders');
    const own = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const jku = mallory.trustedCallers.split('=', 2)[1];
    const token = await new SignJWT({ scope: '' })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'principal+jwt', kid: 'mine', jku, jwk: { kty: 'OKP' } })
      .setIssuer('orders')
      .setAudience('inventory')
      .setSubject('user-1')
      .setIssuedAt()
      .setExpirationTime('60s')
      .sign(own.privateKey);
    await expect(verifier().verify(token)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(verifier().verify(await mallory.token(claims))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(mallory.fetches()).toBe(0);
    await mallory.close();
  });

  it('cannot be judged, rather than is wrong, while the keys of its caller cannot be had', async () => {
    const away = verifier('http://127.0.0.1:1/jwks.json');
    await expect(away.verify(await caller.token(claims))).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });
});

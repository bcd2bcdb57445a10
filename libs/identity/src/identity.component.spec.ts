import { decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose';
import pg from 'pg';
import { Database } from '#libs/database';
import { type TestCaller, type TestDatabase, testCaller, testDatabase, until } from '#libs/testing';
import { PrincipalTokens, PrincipalVerifier, SigningKeys } from './index.js';
import { MemoryKeysStore } from './memory-keys.store.js';
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
    `UPDATE users.signing_keys SET create_time = create_time - make_interval(secs => $1),
       sign_time = sign_time - make_interval(secs => $1), withdraw_time = withdraw_time - make_interval(secs => $1)
     WHERE kid = coalesce($2, kid)`,
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

  it('are rotated on demand: the new one is published at once and signs when verifiers have had 30 s to see it', async () => {
    const { kid: old } = await replica().current();
    await age(DAY);
    const [made, before] = await replica().rotate();
    expect([made?.signs, before?.signs, before?.kid]).toEqual([false, true, old]);
    const young = made?.kid ?? '';
    expect(await kids(replica())).toEqual([young, old]);
    expect((await replica().current()).kid).toBe(old);
    await age(29, young);
    expect((await replica().current()).kid).toBe(old);
    await age(2, young);
    expect((await replica().current()).kid).toBe(young);
    expect(await kids(replica())).toEqual([young, old]);
  });

  it('are withdrawn when they leaked: the one that signs is replaced first, and goes 15 s after its successor signs', async () => {
    const { kid: old } = await replica().current();
    await age(DAY);
    const [successor, leaked] = await replica().withdraw(old);
    const young = successor?.kid ?? '';
    const lead = (leaked?.withdrawTime?.getTime() ?? 0) - Date.now();
    expect(lead).toBeGreaterThan(40_000);
    expect(lead).toBeLessThanOrEqual(46_000);
    expect((await replica().current()).kid).toBe(old);
    await age(31);
    expect((await replica().current()).kid).toBe(young);
    expect(await kids(replica())).toEqual([young, old]);
    await age(15);
    expect(await kids(replica())).toEqual([young]);
    expect(await replica().list()).toMatchObject([{ kid: young, signs: true, withdrawTime: undefined }]);
  });

  it('are withdrawn at once when they do not sign any more, on other replicas within seconds', async () => {
    const other = replica();
    const { kid: old } = await other.current();
    await age(DAY);
    const [made] = await replica().rotate();
    await age(31, made?.kid);
    await replica().withdraw(old);
    expect(await kids(replica())).toEqual([made?.kid]);
    await until(async () => !(await kids(other)).includes(old), { what: 'the other replica to know', timeout: 8_000 });
  });

  it('are not withdrawn when there is none of this name', async () => {
    await replica().current();
    await expect(replica().withdraw('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await kids(replica())).toHaveLength(1);
  });

  it('go on to sign while the database is away', async () => {
    const keys = replica();
    const { kid } = await keys.current();
    await admin.query('ALTER TABLE users.signing_keys RENAME TO signing_keys_away');
    const look = async () => [await keys.current(), await keys.jwks()] as const;
    const later = Date.now() + 7_000;
    const kidsSeen = new Set<string>();
    await until(
      async () => {
        const [current, published] = await look();
        for (const seen of [current, ...published.keys]) kidsSeen.add(String(seen.kid));
        return Date.now() > later;
      },
      { what: 'what was known to be due for another look', timeout: 15_000 },
    );
    await admin.query('ALTER TABLE users.signing_keys_away RENAME TO signing_keys');
    expect([...kidsSeen]).toEqual([kid]);
  });

  it('in memory are made, rotated and withdrawn alike', async () => {
    const keys = new SigningKeys(new MemoryKeysStore());
    const { kid } = await keys.current();
    const [young] = await keys.rotate();
    expect(await kids(keys)).toEqual([young?.kid, kid]);
    await keys.withdraw(young?.kid ?? '');
    expect(await kids(keys)).toEqual([kid]);
    expect(await keys.list()).toMatchObject([{ kid, signs: true }]);
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

  it('tells the session that the user is signed in with, where there is one', async () => {
    const tokens = new PrincipalTokens('orders', replica());
    const [first, second] = await Promise.all([
      tokens.mint({ subject: 'user-1', scopes: [], sessionId: 's1' }, 'inventory'),
      tokens.mint({ subject: 'user-1', scopes: [], sessionId: 's2' }, 'inventory'),
    ]);
    expect(second).not.toBe(first);
    const token = await caller.token({ ...claims, sessionId: 's1' });
    expect(await verifier().verify(token)).toMatchObject({ sessionId: 's1' });
  });

  it('is not handed out again once another key signs', async () => {
    const keys = replica();
    const tokens = new PrincipalTokens('orders', keys);
    const before = await tokens.mint({ subject: 'user-1', scopes: [] }, 'inventory');
    const [made] = await keys.rotate();
    await age(31, made?.kid);
    const later = await until(
      async () => {
        const token = await tokens.mint({ subject: 'user-1', scopes: [] }, 'inventory');
        return token !== before && token;
      },
      { what: 'the new key to sign', timeout: 8_000 },
    );
    expect(decodeProtectedHeader(later).kid).toBe(made?.kid);
  });

  it('is worth nothing once its key is withdrawn, also when it was verified before', async () => {
    const moving = await testCaller('orders');
    const one = verifier(moving.trustedCallers.split('=', 2)[1]);
    const token = await moving.token(claims);
    expect(await one.verify(token)).toMatchObject({ subject: 'service:orders' });
    moving.withdrawKey();
    await until(
      () =>
        one.verify(token).then(
          () => false,
          ({ code }) => code === 'UNAUTHENTICATED',
        ),
      {
        what: 'the token to be refused',
        timeout: 15_000,
      },
    );
    await moving.close();
  });

  it('cannot be judged, rather than is wrong, while the keys of its caller cannot be had', async () => {
    const away = verifier('http://127.0.0.1:1/jwks.json');
    await expect(away.verify(await caller.token(claims))).rejects.toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });
});

import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import pg from 'pg';
import { Code, User_Role, Users } from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import { type TestService, until } from '#libs/testing';
import { startUsers } from '../test/users-service.js';

const anonymous = { subject: 'anonymous', scopes: [] };
const password = 'canary-horse-battery-staple';

let users: TestService;
let admin: pg.Client;
let number = 0;

const client = () => users.client(Users, anonymous);
const newcomer = () => ({ email: `Canary.${++number}@Shop.example`, password, name: 'Canary Bird' });
const failure = (call: Promise<unknown>) => call.then(() => undefined, fromServiceError);

beforeAll(async () => {
  users = await startUsers();
  admin = new pg.Client({ connectionString: users.database.adminUrl });
  await admin.connect();
  // The relay deletes from the outbox what it has sent; this keeps a copy.
  await admin.query(`
    CREATE TABLE users.sent (LIKE users.outbox);
    CREATE FUNCTION users.keep() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO users.sent SELECT NEW.*; RETURN NEW; END $$;
    CREATE TRIGGER keep AFTER INSERT ON users.outbox FOR EACH ROW EXECUTE FUNCTION users.keep()`);
});

afterAll(async () => {
  await admin?.end();
  await users?.close();
});

describe('signing up', () => {
  it('makes a customer', async () => {
    const someone = newcomer();
    const user = await client().createUser(someone);
    expect(user).toMatchObject({ email: someone.email, name: 'Canary Bird', roles: [User_Role.CUSTOMER] });
    expect(user.createTime?.seconds).toBeGreaterThan(1_700_000_000n);
    const { rows } = await admin.query('SELECT password_hash, demo FROM users.users WHERE id = $1', [user.id]);
    expect(rows).toEqual([
      { password_hash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/), demo: false },
    ]);
  });

  it('tells the other services, without personal data', async () => {
    const { id } = await client().createUser(newcomer());
    const { rows } = await admin.query('SELECT * FROM users.sent WHERE aggregateid = $1', [id]);
    expect(rows[0]).toMatchObject({ type: 'users.UserRegistered.v1' });
    expect(rows[0].payload.toString('latin1')).toContain(id);
    expect(
      JSON.stringify(rows[0], (_, value) =>
        value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
      ),
    ).not.toContain('Canary');
  });

  it('is refused for an e-mail address that is taken, in whatever case, and however many try at once', async () => {
    const someone = newcomer();
    const variants = [someone.email, someone.email.toLowerCase(), someone.email.toUpperCase(), someone.email];
    const answers = await Promise.all(variants.map((email) => failure(client().createUser({ ...someone, email }))));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    expect(answers.filter((answer) => answer?.reason === 'EMAIL_TAKEN')).toHaveLength(3);
    const { rows } = await admin.query('SELECT count(*)::int FROM users.users WHERE lower(email) = lower($1)', [
      someone.email,
    ]);
    expect(rows).toEqual([{ count: 1 }]);
  });

  it('names the fields that break a rule', async () => {
    const refused = await failure(client().createUser({ email: 'nobody', password: 'short', name: '' }));
    expect(refused).toMatchObject({ grpc: Code.INVALID_ARGUMENT, reason: 'VALIDATION_FAILED' });
    expect(refused?.violations.map(({ field }) => field)).toEqual(['email', 'password']);
  });
});

describe('signing in', () => {
  it('gives an access token that the published keys verify, and a refresh token that is stored as a hash only', async () => {
    const someone = newcomer();
    const user = await client().createUser(someone);
    const session = await client().createSession({ email: someone.email.toLowerCase(), password });
    expect(session).toMatchObject({ expiresIn: 900, tokenType: 'Bearer' });
    const published = (await (await fetch(`${users.opsUrl}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(session.accessToken, createLocalJWKSet(published), {
      issuer: 'https://users.ineedthatfast.example',
      audience: 'ineedthatfast',
      typ: 'at+jwt',
      algorithms: ['EdDSA'],
    });
    expect(protectedHeader.kid).toBe(published.keys[0]?.kid);
    expect(payload).toMatchObject({
      sub: user.id,
      scope: 'users:read users:write orders:read orders:write payments:read',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
    const { rows } = await admin.query('SELECT * FROM users.sessions WHERE id = $1', [payload.sid]);
    expect(rows).toMatchObject([{ user_id: user.id, refresh_token_hash: expect.any(Buffer) }]);
    expect(JSON.stringify(rows)).not.toContain(session.refreshToken);
  });

  it('answers the same for an unknown account and for a wrong password', async () => {
    const someone = newcomer();
    await client().createUser(someone);
    const wrong = await failure(client().createSession({ email: someone.email, password: 'canary-wrong' }));
    const unknown = await failure(client().createSession({ email: 'nobody@shop.example', password }));
    expect(wrong).toMatchObject({ grpc: Code.UNAUTHENTICATED, reason: 'WRONG_CREDENTIALS' });
    expect(unknown).toEqual(wrong);
  });

  it('takes as long for an unknown account as for a wrong password', async () => {
    const someone = newcomer();
    await client().createUser(someone);
    const took = async (email: string) => {
      const started = performance.now();
      await failure(client().createSession({ email, password: 'canary-wrong' }));
      return performance.now() - started;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 15; i += 1) {
      known.push(await took(someone.email));
      unknown.push(await took(`nobody.${i}@shop.example`));
    }
    // Without the hash for nobody the ratio is about ten; between the medians of two equal things it is about one.
    expect(median(known) / median(unknown)).toBeLessThan(2.5);
    expect(median(unknown) / median(known)).toBeLessThan(2.5);
  });

  it('publishes its keys through the API too', async () => {
    const { keys } = await client().getJsonWebKeySet({});
    const published = (await (await fetch(`${users.opsUrl}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
    expect(keys.map(({ kid, x, crv }) => ({ kid, x, crv }))).toEqual(
      published.keys.map(({ kid, x, crv }) => ({ kid, x, crv })),
    );
  });
});

describe('the signed-in user', () => {
  it('is the one that the principal names', async () => {
    const { id, email } = await client().createUser(newcomer());
    const me = users.client(Users, { subject: id, scopes: ['users:read'] });
    expect(await me.getMe({})).toMatchObject({ id, email });
  });

  it.each([
    ['somebody without the scope', { subject: crypto.randomUUID(), scopes: ['orders:read'] }, 'PERMISSION_DENIED'],
    ['nobody', anonymous, 'UNAUTHENTICATED'],
    ['an account that is gone', { subject: crypto.randomUUID(), scopes: ['users:read'] }, 'NOT_FOUND'],
    ['a service', { subject: 'service:orders', scopes: ['users:read'] }, 'NOT_FOUND'],
  ])('is not %s', async (_, as, reason) => {
    expect(await failure(users.client(Users, as).getMe({}))).toMatchObject({ reason });
  });
});

describe('demo accounts', () => {
  const signIn = (service: TestService, email: string) =>
    service.client(Users, anonymous).createSession({ email, password: 'ineedthatfast' });

  it('are not there outside demo mode', async () => {
    expect(await failure(signIn(users, 'admin@ineedthatfast.example'))).toMatchObject({ reason: 'WRONG_CREDENTIALS' });
  });

  it('can sign in while demo mode is on; the admin has the scopes of one', async () => {
    const demo = await startUsers({ DEMO_MODE: 'true' });
    const { accessToken } = await signIn(demo, 'admin@ineedthatfast.example');
    const [, payload = ''] = accessToken.split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString()).scope.split(' ')).toEqual(
      expect.arrayContaining(['orders:write', 'products:write', 'stock:write', 'orders:read:all', 'payments:read:all']),
    );
    await signIn(demo, 'customer@ineedthatfast.example');
    const again = await startUsers({ DEMO_MODE: 'true', DATABASE_URL: demo.database.url });
    await signIn(again, 'admin@ineedthatfast.example');
    const without = await startUsers({ DATABASE_URL: demo.database.url });
    expect(await failure(signIn(without, 'admin@ineedthatfast.example'))).toMatchObject({
      reason: 'WRONG_CREDENTIALS',
    });
    for (const service of [without, again, demo]) await service.close();
  });
});

it('is ready with its database, and not while a migration is missing, which it names', async () => {
  const readyz = () => fetch(`${users.opsUrl}/readyz`);
  await until(async () => (await readyz()).ok, { what: 'users to be ready' });
  const entry = "name = 'identity/0001_signing_keys'";
  await admin.query(`UPDATE users.migration_ledger SET name = 'later' WHERE ${entry}`);
  const unready = await readyz();
  await admin.query("UPDATE users.migration_ledger SET name = 'identity/0001_signing_keys' WHERE name = 'later'");
  expect(unready.status).toBe(503);
  expect(await unready.text()).toContain('migrations are missing: identity/0001_signing_keys');
  expect((await readyz()).status).toBe(200);
});

it('has logged no e-mail address, name, password or token of all this', () => {
  const all = users.logs.join('');
  expect(all).toContain('user registered');
  expect(all).not.toMatch(/canary/i);
  expect(all).not.toMatch(/eyJ/);
});

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

import { Secret, TOTP } from 'otpauth';
import pg from 'pg';
import { Code, Users } from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import type { TestService } from '#libs/testing';
import { startUsers } from '../../../test/users-service.js';

const anonymous = { subject: 'anonymous', scopes: [] };
const password = 'canary-horse-battery-staple';
const PERIOD_MS = 30_000;

let users: TestService;
let admin: pg.Client;
let number = 0;

const failure = (call: Promise<unknown>) => call.then(() => undefined, fromServiceError);
const signIn = (email: string, totpCode = '', secret = password) =>
  users.client(Users, anonymous).createSession({ email, password: secret, totpCode });
const codeOf = (secret: string, timestamp = Date.now()) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
/** A code that is none of the authenticator's now. */
const wrongCode = (secret: string) =>
  ['000000', '111111', '222222', '333333', '444444'].find((code) =>
    [-1, 0, 1].every((step) => codeOf(secret, Date.now() + step * PERIOD_MS) !== code),
  ) ?? '555555';

async function someone() {
  const email = `totp.${++number}@shop.example`;
  const { id } = await users.client(Users, anonymous).createUser({ email, password, name: 'Canary' });
  const me = users.client(Users, { subject: id, scopes: [] });
  return { id, email, me };
}

/** A user with an active authenticator, whose code of this step has been used. */
async function protectedUser() {
  const user = await someone();
  const { secret, uri } = await user.me.enrolTotp({ password });
  const { recoveryCodes } = await user.me.confirmTotp({ totpCode: codeOf(secret) });
  // As if it had been confirmed a while ago.
  await forgetUsedCodes(user.id);
  return { ...user, secret, uri, recoveryCodes };
}

const forgetUsedCodes = (id: string) => admin.query('UPDATE users.totp SET last_step = 0 WHERE user_id = $1', [id]);

beforeAll(async () => {
  users = await startUsers();
  admin = new pg.Client({ connectionString: users.database.adminUrl });
  await admin.connect();
});

afterAll(async () => {
  await admin?.end();
  await users?.close();
});

describe('an authenticator', () => {
  it('is enrolled with the password, by a URI that authenticators read', async () => {
    const { me, email } = await someone();
    const { secret, uri } = await me.enrolTotp({ password });
    expect(decodeURIComponent(uri)).toContain(`otpauth://totp/INeedThatFast:${email}?`);
    expect(new URL(uri).searchParams.get('secret')).toBe(secret);
    expect(await failure(me.enrolTotp({ password: 'canary-wrong' }))).toMatchObject({
      reason: 'VALIDATION_FAILED',
      violations: [{ field: 'password' }],
    });
  });

  it('does not count before a code of it was confirmed, and can be replaced until then', async () => {
    const { me, email } = await someone();
    const first = await me.enrolTotp({ password });
    expect((await signIn(email)).accessToken).toBeTruthy();
    const second = await me.enrolTotp({ password });
    expect(second.secret).not.toBe(first.secret);
    expect(await failure(me.confirmTotp({ totpCode: codeOf(first.secret) }))).toMatchObject({
      grpc: Code.INVALID_ARGUMENT,
      reason: 'WRONG_TOTP_CODE',
    });
    expect((await signIn(email)).accessToken).toBeTruthy();
    expect((await me.confirmTotp({ totpCode: codeOf(second.secret) })).recoveryCodes).toHaveLength(10);
    expect(await failure(signIn(email))).toMatchObject({ reason: 'TOTP_REQUIRED' });
  });

  it('is not replaced once it counts', async () => {
    const { me, secret } = await protectedUser();
    expect(await failure(me.enrolTotp({ password }))).toMatchObject({ reason: 'TOTP_ALREADY_ACTIVE' });
    expect(await failure(me.confirmTotp({ totpCode: codeOf(secret) }))).toMatchObject({
      reason: 'TOTP_ALREADY_ACTIVE',
    });
  });

  it('is taken away by a code of it, with its recovery codes', async () => {
    const { me, email, secret, id } = await protectedUser();
    expect(await failure(me.disableTotp({ totpCode: wrongCode(secret) }))).toMatchObject({ reason: 'WRONG_TOTP_CODE' });
    await me.disableTotp({ totpCode: codeOf(secret) });
    expect((await signIn(email)).accessToken).toBeTruthy();
    expect(await failure(me.disableTotp({ totpCode: codeOf(secret) }))).toMatchObject({ reason: 'TOTP_NOT_ENROLLED' });
    const { rows } = await admin.query('SELECT FROM users.totp_recovery_codes WHERE user_id = $1', [id]);
    expect(rows).toEqual([]);
  });

  it('is not for services and anonymous callers', async () => {
    const service = users.client(Users, { subject: 'service:orders', scopes: [] });
    expect(await failure(service.enrolTotp({ password }))).toMatchObject({ reason: 'NOT_FOUND' });
    const nobody = users.client(Users, anonymous);
    expect(await failure(nobody.disableTotp({ totpCode: '123456' }))).toMatchObject({ reason: 'UNAUTHENTICATED' });
  });
});

describe('signing in with an authenticator', () => {
  it('takes password and code', async () => {
    const { email, secret } = await protectedUser();
    expect(await failure(signIn(email))).toMatchObject({ grpc: Code.UNAUTHENTICATED, reason: 'TOTP_REQUIRED' });
    expect(await failure(signIn(email, wrongCode(secret)))).toMatchObject({ reason: 'WRONG_CREDENTIALS' });
    expect((await signIn(email, codeOf(secret))).accessToken).toBeTruthy();
  });

  it('says nothing of the authenticator to those who do not know the password', async () => {
    const { email, secret } = await protectedUser();
    const unknown = await failure(signIn('nobody@shop.example', codeOf(secret)));
    expect(await failure(signIn(email, '', 'canary-wrong'))).toEqual(unknown);
    expect(await failure(signIn(email, codeOf(secret), 'canary-wrong'))).toEqual(unknown);
    // Nor have they used the code up.
    expect((await signIn(email, codeOf(secret))).accessToken).toBeTruthy();
  });

  it('takes a code once, by whomever, and none before it', async () => {
    const { email, secret } = await protectedUser();
    const code = codeOf(secret);
    const answers = await Promise.allSettled(Array.from({ length: 4 }, () => signIn(email, code)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const earlier = codeOf(secret, Date.now() - PERIOD_MS);
    expect(await failure(signIn(email, earlier))).toMatchObject({ reason: 'WRONG_CREDENTIALS' });
  });

  it('takes each recovery code once, however it is written', async () => {
    const { email, recoveryCodes, id } = await protectedUser();
    const [code = '', other = ''] = recoveryCodes;
    expect((await signIn(email, code.toLowerCase().replaceAll('-', ' '))).accessToken).toBeTruthy();
    expect(await failure(signIn(email, code))).toMatchObject({ reason: 'WRONG_CREDENTIALS' });
    expect((await signIn(email, other)).accessToken).toBeTruthy();
    const { rows } = await admin.query('SELECT code_hash FROM users.totp_recovery_codes WHERE user_id = $1', [id]);
    expect(rows).toHaveLength(8);
    expect(rows.every(({ code_hash }) => code_hash.length === 32)).toBe(true);
  });

  it('allows five guesses at once; then not even the right code, but a recovery code and what is signed in already', async () => {
    const { email, secret, recoveryCodes, id } = await protectedUser();
    const session = await signIn(email, codeOf(secret));
    await forgetUsedCodes(id);
    for (let i = 0; i < 5; i += 1) {
      expect(await failure(signIn(email, wrongCode(secret)))).toMatchObject({ reason: 'WRONG_CREDENTIALS' });
    }
    const refused = await failure(signIn(email, codeOf(secret)));
    expect(refused).toMatchObject({ grpc: Code.RESOURCE_EXHAUSTED, reason: 'THROTTLED' });
    expect(refused?.retryAfterSeconds).toBeGreaterThan(100);
    const { refreshToken } = session;
    expect((await users.client(Users, anonymous).refreshSession({ refreshToken })).accessToken).toBeTruthy();
    expect((await signIn(email, recoveryCodes[0])).accessToken).toBeTruthy();
    await admin.query("UPDATE users.totp SET guesses_time = now() - interval '2 minutes' WHERE user_id = $1", [id]);
    expect((await signIn(email, codeOf(secret))).accessToken).toBeTruthy();
  });

  it('counts guesses that come at once, too', async () => {
    const { email, secret } = await protectedUser();
    const wrong = wrongCode(secret);
    const answers = await Promise.all(Array.from({ length: 12 }, () => failure(signIn(email, wrong))));
    expect(answers.filter((answer) => answer?.reason === 'WRONG_CREDENTIALS')).toHaveLength(5);
    expect(answers.filter((answer) => answer?.reason === 'THROTTLED')).toHaveLength(7);
  });
});

it('has logged no code, no secret and no e-mail address of all this', async () => {
  const { rows } = await admin.query('SELECT secret FROM users.totp');
  const all = users.logs.join('');
  expect(all).toContain('second factor switched on');
  expect(all).not.toMatch(/canary|otpauth|totp\.\d+@/i);
  for (const { secret } of rows)
    expect(all).not.toContain(new Secret({ buffer: new Uint8Array(secret).buffer }).base32);
});

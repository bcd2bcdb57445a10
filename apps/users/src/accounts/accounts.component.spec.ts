import { randomUUID } from 'node:crypto';
import { Code, User_Role } from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import { until } from '#libs/testing';
import { AccountsRoom, refusal, type Someone } from '../../test/accounts-room.js';
import { tokenIn } from '../../test/smtp-inbox.js';

const VERIFY = 'Is this your address?';
const RESET = 'A new password';
const CHANGED = 'Your password was changed';
const NEXT = 'canary of another password';

let room: AccountsRoom;
beforeAll(async () => {
  room = await AccountsRoom.open({ DEMO_MODE: 'true' });
}, 60_000);
afterAll(() => room?.close());

const me = ({ as }: Someone) => room.users().getMe({}, { as });
const update = ({ as }: Someone, user: { name?: string; email?: string }) =>
  room.users().updateMe({ user, updateMask: { paths: Object.keys(user) } }, { as });
const verify = (token: string) => room.users().verifyEmail({ token });
const newAddress = () => `canary.${randomUUID()}@shop.example`;

describe('an address', () => {
  it('is verified by the token that sign-up mails, once', async () => {
    const someone = await room.someone();
    expect(await me(someone)).toMatchObject({ emailVerified: false, pendingEmail: '' });
    const token = await room.inbox.token(someone.email, VERIFY);
    await verify(token);
    expect(await me(someone)).toMatchObject({ emailVerified: true });
    expect((await refusal(verify(token))).reason).toBe('ACCOUNT_TOKEN_INVALID');
  });

  it('is not verified by a token that is made up, has expired or is for a new password', async () => {
    const someone = await room.someone();
    const token = await room.inbox.token(someone.email, VERIFY);
    await room.users().requestPasswordReset({ email: someone.email });
    const reset = await room.inbox.token(someone.email, RESET);
    expect((await refusal(verify(reset))).reason).toBe('ACCOUNT_TOKEN_INVALID');
    const madeUp = `${token.startsWith('x') ? 'y' : 'x'}${token.slice(1)}`;
    expect((await refusal(verify(madeUp))).reason).toBe('ACCOUNT_TOKEN_INVALID');
    await room.age('account_tokens', 'expire_time', '25 hours');
    expect((await refusal(verify(token))).reason).toBe('ACCOUNT_TOKEN_INVALID');
    expect(await me(someone)).toMatchObject({ emailVerified: false });
  });

  it('is written to again on request, but not at once, and not when it is verified', async () => {
    const someone = await room.someone();
    const again = () => room.users().sendVerification({}, { as: someone.as });
    expect(await refusal(again())).toMatchObject({ reason: 'THROTTLED', retryAfterSeconds: 60 });
    await room.age('account_tokens', 'create_time', '2 minutes');
    await again();
    await until(() => room.inbox.to(someone.email).length === 2, { what: 'a second mail' });
    await verify(await room.inbox.token(someone.email, VERIFY));
    await room.age('account_tokens', 'create_time', '2 minutes');
    await again();
    await room.mailsAreSent();
    expect(room.inbox.to(someone.email)).toHaveLength(2);
  });

  it('changes only when mail was received at the new one, and the old one is told', async () => {
    const someone = await room.someone();
    const next = newAddress();
    expect(await update(someone, { email: next })).toMatchObject({ email: someone.email, pendingEmail: next });
    await room.signIn(someone.email, someone.password);
    await verify(await room.inbox.token(next, VERIFY));
    expect(await me(someone)).toMatchObject({ email: next, emailVerified: true, pendingEmail: '' });
    const notice = await room.inbox.mail(someone.email, 'Your e-mail address was changed');
    expect(notice).not.toContain(next);
    await room.signIn(next, someone.password);
    expect((await refusal(room.signIn(someone.email, someone.password))).reason).toBe('WRONG_CREDENTIALS');
  });

  it('does not change by a token for an address that was given up since', async () => {
    const someone = await room.someone();
    const [first, second] = [newAddress(), newAddress()];
    await update(someone, { email: first });
    await update(someone, { email: second });
    expect((await refusal(verify(await room.inbox.token(first, VERIFY)))).reason).toBe('ACCOUNT_TOKEN_INVALID');
    await update(someone, { email: someone.email });
    expect((await refusal(verify(await room.inbox.token(second, VERIFY)))).reason).toBe('ACCOUNT_TOKEN_INVALID');
    expect(await me(someone)).toMatchObject({ email: someone.email, pendingEmail: '' });
  });

  it('cannot become that of another account, also when it was free at first', async () => {
    const [someone, other] = [await room.someone(), await room.someone()];
    expect((await refusal(update(someone, { email: other.email.toUpperCase() }))).reason).toBe('EMAIL_TAKEN');
    const wanted = newAddress();
    await update(someone, { email: wanted });
    const token = await room.inbox.token(wanted, VERIFY);
    await room.someone(wanted);
    expect((await refusal(verify(token))).reason).toBe('EMAIL_TAKEN');
    expect(await me(someone)).toMatchObject({ email: someone.email, pendingEmail: wanted });
  });

  it('needs a sign-in within the last minutes: with a stolen old session somebody could take the account', async () => {
    const someone = await room.someone();
    await room.admin.query("UPDATE sessions SET create_time = now() - interval '16 minutes' WHERE user_id = $1", [
      someone.id,
    ]);
    expect((await refusal(update(someone, { email: newAddress() }))).reason).toBe('SIGN_IN_AGAIN');
    expect(await me(someone)).toMatchObject({ pendingEmail: '' });
    await update(someone, { name: 'Another Name', email: someone.email });
    await update(await room.signIn(someone.email, someone.password), { email: newAddress() });
  });

  it('becomes that of one account when two verify it at the same moment', async () => {
    const [someone, other] = [await room.someone(), await room.someone()];
    const wanted = newAddress();
    await update(someone, { email: wanted });
    const token = await room.inbox.token(wanted, VERIFY);
    const refused = await room.during('UPDATE users SET email = $2 WHERE id = $1', [other.id, wanted], () =>
      refusal(verify(token)),
    );
    expect(refused.reason).toBe('EMAIL_TAKEN');
    expect(await me(someone)).toMatchObject({ email: someone.email, pendingEmail: wanted });
  });

  it('is written to once a minute, however often an account goes to and fro', async () => {
    const someone = await room.someone();
    const [victim, other] = [newAddress(), newAddress()];
    for (const email of [victim, other, victim, someone.email, victim]) await update(someone, { email });
    await room.mailsAreSent();
    expect(room.inbox.to(victim)).toHaveLength(1);
    await verify(await room.inbox.token(victim, VERIFY));
    expect(await me(someone)).toMatchObject({ email: victim, emailVerified: true });
  });
});

describe('an update', () => {
  it('changes the name alone, where the mask names it alone', async () => {
    const someone = await room.someone();
    expect(await update(someone, { name: 'Canary the Second' })).toMatchObject({
      name: 'Canary the Second',
      email: someone.email,
      pendingEmail: '',
    });
    expect(await update(someone, { name: '' })).toMatchObject({ name: '' });
  });

  it('gives nobody a role, another id or a verified address', async () => {
    const someone = await room.someone();
    const before = await me(someone);
    const user = { id: randomUUID(), roles: [2], emailVerified: true, pendingEmail: 'x@y.example' };
    const paths = ['id', 'roles', 'email_verified', 'pending_email', 'create_time'];
    await room.users().updateMe({ user, updateMask: { paths } }, { as: someone.as });
    expect(await me(someone)).toEqual(before);
  });

  it('is refused for what breaks a rule, by field', async () => {
    const someone = await room.someone();
    const refused = await refusal(update(someone, { name: 'x'.repeat(101), email: 'nobody' }));
    expect(refused.violations.map(({ field }) => field).sort()).toEqual(['user.email', 'user.name']);
  });
});

describe('a new password', () => {
  const change = ({ as }: Someone, currentPassword: string, newPassword = NEXT) =>
    room.users().changePassword({ currentPassword, newPassword }, { as });
  const reset = (token: string, password = NEXT) => room.users().resetPassword({ token, password });
  const forget = async (email: string) => {
    await room.users().requestPasswordReset({ email });
    return room.inbox.token(email, RESET);
  };

  it('ends all other sessions of its user, keeps the one that set it, and the owner is told', async () => {
    const someone = await room.someone();
    const other = await room.signIn(someone.email, someone.password);
    await change(someone, someone.password);
    expect(await room.sessionsOf(someone.id)).toEqual([someone.sessionId]);
    expect(await room.rows('SELECT 1 FROM ended_sessions WHERE session_id = $1', other.sessionId)).toHaveLength(1);
    await room.inbox.mail(someone.email, CHANGED);
    await room.signIn(someone.email, NEXT);
    expect((await refusal(room.signIn(someone.email, someone.password))).reason).toBe('WRONG_CREDENTIALS');
  });

  it('needs the old one, and ends nothing without it', async () => {
    const someone = await room.someone();
    expect(await refusal(change(someone, 'canary wrong'))).toMatchObject({
      grpc: Code.INVALID_ARGUMENT,
      violations: [{ field: 'currentPassword', reason: 'WRONG_PASSWORD' }],
    });
    expect(await room.sessionsOf(someone.id)).toEqual([someone.sessionId]);
  });

  it('is set once when two want to change it at the same time', async () => {
    const someone = await room.someone();
    const attempts = await Promise.allSettled([
      change(someone, someone.password, 'canary of the first'),
      change(someone, someone.password, 'canary of the second'),
    ]);
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is set by a token from a mail, once, and ends every session', async () => {
    const someone = await room.someone();
    await room.users().requestPasswordReset({ email: someone.email.toUpperCase() });
    const token = await room.inbox.token(someone.email, RESET);
    await reset(token);
    expect(await room.sessionsOf(someone.id)).toEqual([]);
    await room.signIn(someone.email, NEXT);
    await room.inbox.mail(someone.email, CHANGED);
    expect((await refusal(reset(token))).reason).toBe('ACCOUNT_TOKEN_INVALID');
  });

  it('is set once by a token that is used many times at once', async () => {
    const someone = await room.someone();
    const token = await forget(someone.email);
    const attempts = await Promise.allSettled(
      Array.from({ length: 6 }, (_, at) => reset(token, `canary number ${at}`)),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is set once by two tokens that are used at the same moment', async () => {
    const someone = await room.someone();
    const first = await forget(someone.email);
    await room.age('account_tokens', 'create_time', '2 minutes');
    await room.users().requestPasswordReset({ email: someone.email });
    const resets = () => room.inbox.to(someone.email).filter(({ source }) => source.includes(`Subject: ${RESET}`));
    await until(() => resets().length === 2, { what: 'a second mail' });
    const second =
      resets()
        .map(({ source }) => tokenIn(source))
        .find((token) => token !== first) ?? '';
    const both = await room.during(
      'SELECT 1 FROM users WHERE id = $1 FOR UPDATE',
      [someone.id],
      () => Promise.allSettled([reset(first), reset(second)]),
      2,
    );
    const refused = both.flatMap((one) => (one.status === 'rejected' ? [fromServiceError(one.reason).reason] : []));
    expect(refused).toEqual(['ACCOUNT_TOKEN_INVALID']);
  });

  it('takes from an intruder what they have begun: sessions, a change of address, tokens', async () => {
    const someone = await room.someone();
    const intruders = newAddress();
    await update(someone, { email: intruders });
    const planted = await room.inbox.token(intruders, VERIFY);
    await reset(await forget(someone.email));
    const owner = await room.signIn(someone.email, NEXT);
    expect(await me(owner)).toMatchObject({ email: someone.email, pendingEmail: '', emailVerified: true });
    expect((await refusal(verify(planted))).reason).toBe('ACCOUNT_TOKEN_INVALID');
  });

  it('is not set an hour later', async () => {
    const someone = await room.someone();
    const token = await forget(someone.email);
    await room.age('account_tokens', 'expire_time', '61 minutes');
    expect((await refusal(reset(token))).reason).toBe('ACCOUNT_TOKEN_INVALID');
  });

  it('is stored as hash, and so is its token', async () => {
    const someone = await room.someone();
    const token = await forget(someone.email);
    const rows = await room.rows('SELECT token_hash, purpose FROM account_tokens WHERE user_id = $1', someone.id);
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

describe('a request for a new password', () => {
  const ask = (email: string) => room.users().requestPasswordReset({ email });

  it('is answered the same for an unknown address, by the same work, and nobody is written to', async () => {
    const [{ email }, unknown] = [await room.someone(), newAddress()];
    expect(await ask(unknown)).toEqual(await ask(email));
    await room.inbox.mail(email, RESET);
    expect(await room.rows('SELECT 1 FROM password_reset_requests')).toEqual([]);
    expect(room.inbox.to(unknown)).toEqual([]);
  });

  it('writes one mail a minute, however often it is made', async () => {
    const { email } = await room.someone();
    for (let time = 0; time < 5; time += 1) await ask(email);
    await room.inbox.mail(email, RESET);
    await until(async () => (await room.rows('SELECT 1 FROM password_reset_requests')).length === 0, {
      what: 'all requests to be answered',
    });
    await room.mailsAreSent();
    expect(room.inbox.to(email).filter(({ source }) => source.includes(`Subject: ${RESET}`))).toHaveLength(1);
    await room.age('account_tokens', 'create_time', '2 minutes');
    await ask(email);
    await until(() => room.inbox.to(email).length === 3, { what: 'another mail' });
  });
});

describe('demo accounts', () => {
  const demo = () => room.signIn('customer@ineedthatfast.example', 'ineedthatfast');

  it('are verified from the beginning, and nobody writes to them', async () => {
    expect(await me(await demo())).toMatchObject({ emailVerified: true });
    await room.users().requestPasswordReset({ email: 'customer@ineedthatfast.example' });
    await until(async () => (await room.rows('SELECT 1 FROM password_reset_requests')).length === 0, {
      what: 'the request to be answered',
    });
    await room.mailsAreSent();
    expect(room.inbox.to('customer@ineedthatfast.example')).toEqual([]);
  });

  it('stay as they are, since everybody shares them', async () => {
    const shared = await demo();
    const { as } = shared;
    const change = { currentPassword: 'ineedthatfast', newPassword: NEXT };
    expect((await refusal(room.users().changePassword(change, { as }))).reason).toBe('DEMO_ACCOUNT');
    expect((await refusal(update(shared, { name: 'Mine' }))).reason).toBe('DEMO_ACCOUNT');
    expect((await refusal(room.users().deleteMe({}, { as }))).reason).toBe('DEMO_ACCOUNT');
  });

  it('take no second factor, which would keep everybody else out', async () => {
    const { as } = await demo();
    expect((await refusal(room.users().enrolTotp({ password: 'ineedthatfast' }, { as }))).reason).toBe('DEMO_ACCOUNT');
  });

  it('keep their roles, whichever administrator comes', async () => {
    const { as } = await room.promote(await room.someone());
    const { id: customer } = await demo();
    const { id: shared } = await room.signIn('admin@ineedthatfast.example', 'ineedthatfast');
    const role = User_Role.ADMIN;
    expect((await refusal(room.users().revokeRole({ id: shared, role }, { as }))).reason).toBe('DEMO_ACCOUNT');
    expect((await refusal(room.users().grantRole({ id: customer, role }, { as }))).reason).toBe('DEMO_ACCOUNT');
  });
});

describe('an export', () => {
  it('is refused as a whole while a service is away, and says when to try again', async () => {
    const someone = await room.someone();
    expect(await refusal(room.users().exportMe({}, { as: someone.as, timeoutMs: 10_000 }))).toMatchObject({
      grpc: Code.UNAVAILABLE,
      reason: 'UPSTREAM_UNAVAILABLE',
      retryAfterSeconds: 5,
      message: 'Not everything could be collected: a service is unavailable for the moment.',
    });
  });
});

it('has logged no address, name, password or token of all this', () => {
  const all = room.service.logs.join('');
  expect(all).toContain('password reset');
  expect(all).not.toMatch(/canary/i);
  for (const { source } of room.inbox.mails) {
    const token = /^[\w-]{43}\r?$/m.exec(source)?.[0].trim();
    if (token) expect(all).not.toContain(token);
  }
});

import { randomUUID } from 'node:crypto';
import { Code, User_Role } from '#libs/contracts';
import { until } from '#libs/testing';
import { AccountsRoom, refusal, type Someone } from '../../test/accounts-room.js';

const VERIFY = 'Is this your address?';
const RESET = 'A new password';

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
    const change = { currentPassword: 'ineedthatfast', newPassword: 'canary of another password' };
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
  expect(room.service.logs.join('')).toContain('mail sent');
  expect(room.leaksInLog()).toEqual([]);
});

import { randomUUID } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { Code } from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import { until } from '#libs/testing';
import { AccountsRoom, refusal, type Someone } from '../../../test/accounts-room.js';
import { tokenIn } from '../../../test/smtp-inbox.js';

const VERIFY = 'Is this your address?';
const RESET = 'A new password';
const CHANGED = 'Your password was changed';
const NEXT = 'canary of another password';

let room: AccountsRoom;
beforeAll(async () => {
  room = await AccountsRoom.open();
}, 60_000);
afterAll(() => room?.close());

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
    const intruders = `canary.${randomUUID()}@shop.example`;
    const change = { user: { email: intruders }, updateMask: { paths: ['email'] } };
    await room.users().updateMe(change, { as: someone.as });
    const planted = await room.inbox.token(intruders, VERIFY);
    await reset(await forget(someone.email));
    const owner = await room.signIn(someone.email, NEXT);
    expect(await room.users().getMe({}, { as: owner.as })).toMatchObject({
      email: someone.email,
      pendingEmail: '',
      emailVerified: true,
    });
    expect((await refusal(room.users().verifyEmail({ token: planted }))).reason).toBe('ACCOUNT_TOKEN_INVALID');
  });

  it('keeps the second factor: who reads the mail of an account is not in it yet', async () => {
    const { as, email, password } = await room.someone();
    const { secret } = await room.users().enrolTotp({ password }, { as });
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    const { recoveryCodes } = await room.users().confirmTotp({ totpCode: code }, { as });
    await reset(await forget(email));
    expect((await refusal(room.signIn(email, NEXT))).reason).toBe('TOTP_REQUIRED');
    const session = room.users().createSession({ email, password: NEXT, totpCode: recoveryCodes[0] ?? '' });
    expect((await session).accessToken).toBeTruthy();
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
    const [{ email }, unknown] = [await room.someone(), `canary.${randomUUID()}@shop.example`];
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
it('has logged no address, name, password or token of all this', () => {
  expect(room.service.logs.join('')).toContain('password reset');
  expect(room.leaksInLog()).toEqual([]);
});

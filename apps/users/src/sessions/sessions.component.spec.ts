import { decodeJwt } from 'jose';
import pg from 'pg';
import { Code, Users } from '#libs/contracts';
import { fromServiceError } from '#libs/errors';
import { type TestService, until } from '#libs/testing';
import { EndedSessionsWatch } from '../../test/ended-sessions-watch.js';
import { startUsers } from '../../test/users-service.js';
import { SessionPurge } from './session-purge.js';

const anonymous = { subject: 'anonymous', scopes: [] };
const password = 'canary-horse-battery-staple';

let users: TestService;
let replica: TestService;
let admin: pg.Client;
let number = 0;

const failure = (call: Promise<unknown>) => call.then(() => undefined, fromServiceError);

/** A new user, signed in. */
async function someone() {
  const email = `sessions.${++number}@shop.example`;
  const { id } = await users.client(Users, anonymous).createUser({ email, password, name: 'Canary' });
  return { id, email, ...(await signIn(email)) };
}

async function signIn(email: string) {
  const session = await users.client(Users, anonymous).createSession({ email, password });
  const sessionId = String(decodeJwt(session.accessToken).sid);
  return { ...session, sessionId };
}

const as = ({ id, sessionId }: { id: string; sessionId?: string }, service = users) =>
  service.client(Users, { subject: id, scopes: [], sessionId });
const refresh = (refreshToken: string, service = users) =>
  service.client(Users, anonymous).refreshSession({ refreshToken });

beforeAll(async () => {
  users = await startUsers();
  replica = await startUsers({ DATABASE_URL: users.database.url });
  admin = new pg.Client({ connectionString: users.database.adminUrl });
  await admin.connect();
});

afterAll(async () => {
  await admin?.end();
  await replica?.close();
  await users?.close();
});

describe('refreshing a session', () => {
  it('gives new tokens of the same session', async () => {
    const { id, sessionId, refreshToken } = await someone();
    const fresh = await refresh(refreshToken);
    expect(fresh).toMatchObject({ expiresIn: 900, tokenType: 'Bearer' });
    expect(fresh.refreshToken).not.toBe(refreshToken);
    expect(decodeJwt(fresh.accessToken)).toMatchObject({ sub: id, sid: sessionId });
  });

  it('works through a chain of tokens, each of them once', async () => {
    const { refreshToken, sessionId } = await someone();
    let token = refreshToken;
    for (let i = 0; i < 5; i += 1) token = (await refresh(token)).refreshToken;
    const { rows } = await admin.query('SELECT * FROM users.used_refresh_tokens WHERE session_id = $1', [sessionId]);
    expect(rows).toHaveLength(5);
    expect(JSON.stringify(rows)).not.toContain(refreshToken);
  });

  it('takes the roles that the user has now into the access token', async () => {
    const { id, refreshToken } = await someone();
    await admin.query("UPDATE users.users SET roles = '{ADMIN}' WHERE id = $1", [id]);
    expect(decodeJwt((await refresh(refreshToken)).accessToken).scope).toContain('products:write');
  });

  it('with a token that was used before ends the session: its youngest token is worth nothing any more', async () => {
    const { refreshToken, sessionId } = await someone();
    const second = await refresh(refreshToken);
    const third = await refresh(second.refreshToken);
    expect(await failure(refresh(refreshToken))).toMatchObject({
      grpc: Code.UNAUTHENTICATED,
      reason: 'REFRESH_TOKEN_INVALID',
    });
    expect(await failure(refresh(third.refreshToken))).toMatchObject({ reason: 'REFRESH_TOKEN_INVALID' });
    expect(await endedInDatabase(sessionId)).toBe(true);
  });

  it('by two at once with one token gives tokens to one of them, and ends the session', async () => {
    const { refreshToken, sessionId } = await someone();
    const answers = await Promise.allSettled([
      ...[refresh(refreshToken), refresh(refreshToken, replica)],
      ...[refresh(refreshToken), refresh(refreshToken, replica)],
    ]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await endedInDatabase(sessionId)).toBe(true);
  });

  it('answers the same for tokens that are unknown, used, expired or of an ended session', async () => {
    const [used, expired, ended] = [await someone(), await someone(), await someone()];
    await refresh(used.refreshToken);
    await admin.query('UPDATE users.sessions SET expire_time = now() WHERE id = $1', [expired.sessionId]);
    await as(ended).endCurrentSession({});
    const unknown = await failure(refresh('nobody-ever-got-this'));
    expect(unknown).toMatchObject({ grpc: Code.UNAUTHENTICATED, reason: 'REFRESH_TOKEN_INVALID' });
    for (const { refreshToken } of [used, expired, ended])
      expect(await failure(refresh(refreshToken))).toEqual(unknown);
  });

  it('uses no token up when there is no key to sign new ones with', async () => {
    const { refreshToken } = await someone();
    const lonely = await startUsers({ DATABASE_URL: users.database.url });
    await admin.query('ALTER TABLE users.signing_keys RENAME TO signing_keys_away');
    const refused = await failure(refresh(refreshToken, lonely));
    await admin.query('ALTER TABLE users.signing_keys_away RENAME TO signing_keys');
    await lonely.close();
    expect(refused).toMatchObject({ reason: 'INTERNAL' });
    expect((await refresh(refreshToken)).accessToken).toBeTruthy();
  });
});

describe('the sessions of a user', () => {
  it('are listed page by page, the youngest first, the own one marked', async () => {
    const first = await someone();
    const others = [await signIn(first.email), await signIn(first.email)];
    const ids = [first, ...others].map(({ sessionId }) => sessionId).reverse();
    const page = await as(first).listSessions({ pageSize: 2 });
    expect(page.sessions.map(({ id, current }) => [id, current])).toEqual([
      [ids[0], false],
      [ids[1], false],
    ]);
    const last = await as(first).listSessions({ pageSize: 2, pageToken: page.nextPageToken });
    expect(last.sessions.map(({ id, current }) => [id, current])).toEqual([[ids[2], true]]);
    expect(last.nextPageToken).toBe('');
    const [listed] = last.sessions;
    expect(Number(listed?.expireTime?.seconds) - Number(listed?.createTime?.seconds)).toBe(30 * 86_400);
  });

  it('tell when tokens were last given for them', async () => {
    const user = await someone();
    await refresh(user.refreshToken);
    const { sessions } = await as(user).listSessions({});
    const [session] = sessions;
    expect(session?.refreshTime).not.toEqual(session?.createTime);
  });

  it('end by name, and are gone from the list', async () => {
    const user = await someone();
    const lost = await signIn(user.email);
    await as(user).endSession({ id: lost.sessionId });
    const { sessions } = await as(user).listSessions({});
    expect(sessions.map(({ id }) => id)).toEqual([user.sessionId]);
    expect(await failure(refresh(lost.refreshToken))).toMatchObject({ reason: 'REFRESH_TOKEN_INVALID' });
    expect(await failure(as(user).endSession({ id: lost.sessionId }))).toMatchObject({ reason: 'NOT_FOUND' });
  });

  it('are nobody else’s: neither seen nor ended, and not told from none', async () => {
    const [owner, stranger] = [await someone(), await someone()];
    const foreign = await failure(as(stranger).endSession({ id: owner.sessionId }));
    const none = await failure(as(stranger).endSession({ id: crypto.randomUUID() }));
    expect(foreign).toMatchObject({ grpc: Code.NOT_FOUND, reason: 'NOT_FOUND' });
    expect(none).toEqual(foreign);
    expect((await as(stranger).listSessions({})).sessions.map(({ id }) => id)).toEqual([stranger.sessionId]);
    expect(await endedInDatabase(owner.sessionId)).toBe(false);
    const { nextPageToken } = await as(owner).listSessions({ pageSize: 1 });
    expect(nextPageToken).toBe('');
  });

  it('are not for anonymous callers and services', async () => {
    expect(await failure(users.client(Users, anonymous).listSessions({}))).toMatchObject({ reason: 'UNAUTHENTICATED' });
    const service = users.client(Users, { subject: 'service:orders', scopes: [] });
    expect(await failure(service.listSessions({}))).toMatchObject({ reason: 'NOT_FOUND' });
    expect(await failure(service.endCurrentSession({}))).toMatchObject({ reason: 'NOT_FOUND' });
  });
});

describe('the feed of ended sessions', () => {
  it('tells a watcher on any replica within a second', async () => {
    const watch = await EndedSessionsWatch.open(replica);
    await until(() => watch.asOf, { what: 'the snapshot' });
    const user = await someone();
    await as(user).endCurrentSession({});
    const ended = performance.now();
    await until(() => watch.ended.has(user.sessionId), { what: 'the end of the session' });
    expect(performance.now() - ended).toBeLessThan(1_000);
    watch.close();
  });

  it('begins with what ended before', async () => {
    const user = await someone();
    await as(user).endCurrentSession({});
    await until(async () => endedInDatabase(user.sessionId), { what: 'the end to be stored' });
    const late = await startUsers({ DATABASE_URL: users.database.url });
    const watch = await EndedSessionsWatch.open(late);
    await until(() => watch.asOf, { what: 'the snapshot' });
    expect(watch.ended.has(user.sessionId)).toBe(true);
    watch.close();
    await late.close();
  });

  it('has a heartbeat of a second while nothing ends, with a time that goes on', async () => {
    const watch = await EndedSessionsWatch.open(users);
    const first = await until(() => watch.asOf, { what: 'the snapshot' });
    const [began, messages] = [performance.now(), watch.messages];
    await until(() => watch.messages >= messages + 4, { what: 'four heartbeats' });
    expect(performance.now() - began).toBeLessThan(4_500);
    expect(watch.asOf?.getTime()).toBeGreaterThan(first.getTime());
    watch.close();
  });

  it('tells of sessions that end with their account', async () => {
    const watch = await EndedSessionsWatch.open(users);
    const user = await someone();
    await admin.query('DELETE FROM users.users WHERE id = $1', [user.id]);
    await until(() => watch.ended.has(user.sessionId), { what: 'the end of the session' });
    watch.close();
  });

  it('forgets a session once its access tokens have expired, in the database too', async () => {
    const [old, young, expired] = [await someone(), await someone(), await someone()];
    for (const user of [old, young]) await as(user).endCurrentSession({});
    await admin.query("UPDATE users.ended_sessions SET end_time = now() - interval '1 hour' WHERE session_id = $1", [
      old.sessionId,
    ]);
    await admin.query("UPDATE users.sessions SET expire_time = now() - interval '1 second' WHERE id = $1", [
      expired.sessionId,
    ]);
    await users.app.get(SessionPurge, { strict: false }).purge();
    expect(await endedInDatabase(old.sessionId)).toBe(false);
    expect(await endedInDatabase(young.sessionId)).toBe(true);
    expect(await endedInDatabase(expired.sessionId)).toBe(true);
    const late = await startUsers({ DATABASE_URL: users.database.url });
    const watch = await EndedSessionsWatch.open(late);
    await until(() => watch.asOf, { what: 'the snapshot' });
    expect(watch.ended.has(old.sessionId)).toBe(false);
    watch.close();
    await late.close();
  });

  it.each(['anonymous', 'service:orders', crypto.randomUUID()])('is closed to %s', async (subject) => {
    const watch = await EndedSessionsWatch.open(users, subject);
    const error = await until(() => watch.error, { what: 'the refusal' });
    expect([Code.UNAUTHENTICATED, Code.PERMISSION_DENIED]).toContain(error.code);
    expect(watch.messages).toBe(0);
    watch.close();
  });
});

it('has logged no refresh token and no password of all this', () => {
  const all = [...users.logs, ...replica.logs].join('');
  expect(all).toContain('a refresh token was used twice');
  expect(all).not.toMatch(/canary|eyJ/i);
});

async function endedInDatabase(sessionId: string): Promise<boolean> {
  const { rows } = await admin.query(
    `SELECT EXISTS (SELECT FROM users.ended_sessions WHERE session_id = $1)
        AND NOT EXISTS (SELECT FROM users.sessions WHERE id = $1) AS ended`,
    [sessionId],
  );
  return rows[0].ended;
}

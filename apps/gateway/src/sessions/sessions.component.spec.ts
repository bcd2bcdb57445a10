import { decodeJwt } from 'jose';
import { until } from '#libs/testing';
import { EventReader } from '../../test/event-reader.js';
import { problemOf } from '../../test/problem-of.js';
import { TestGateway } from '../../test/test-gateway.js';
import type { TestSessions } from '../../test/test-sessions.js';

const orderId = '0b6f4e55-5d4c-4c5c-8a0e-1f1a5f1b9a11';
const MONEY = `/v1/orders/${orderId}:refund`;

describe('a gateway that hears of ended sessions', () => {
  let test: TestGateway;
  let number = 0;
  beforeAll(async () => {
    test = await TestGateway.start();
  });
  afterAll(() => test?.close());
  beforeEach(() => test.upstream.reset());

  const sessions = () => test.upstream.sessions;
  const age = () => test.running.deployments.sessionFeeds;
  const me = async (token: string) => (await test.fetch('/v1/users/me', { token })).status;
  const newSession = async (scope = 'users:read') => {
    const sid = `session-${++number}`;
    return { sid, token: await test.token({ scope, sid }) };
  };
  const ended = (sid: string, token: string) => {
    sessions().end(sid);
    return until(async () => (await me(token)) === 401, { what: 'the token to be refused', timeout: 1_000 });
  };

  it('asks for them in its own name', async () => {
    const [token = ''] = sessions().tokens;
    expect(decodeJwt(token)).toMatchObject({ iss: 'gateway', sub: 'service:gateway', aud: 'users', scope: '' });
    await until(async () => (await fetch(`${test.running.opsUrl}/readyz`)).ok, { what: 'the gateway to be ready' });
  });

  it('refuses the tokens of one within a second, also those that it has verified before', async () => {
    const { sid, token } = await newSession();
    expect(await me(token)).toBe(200);
    await ended(sid, token);
    test.upstream.reset();
    const response = await test.fetch('/v1/users/me', { token });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect((await problemOf(response)).code).toBe('UNAUTHENTICATED');
    expect(await me(await test.token({ scope: 'users:read', sid }))).toBe(401);
    expect(test.upstream.calls).toEqual([]);
  });

  it('refuses them where no token is needed, too, and lets the same user in by another session', async () => {
    const [one, other] = [await newSession(), await newSession()];
    await ended(one.sid, one.token);
    expect((await test.fetch('/v1/products', { token: one.token })).status).toBe(401);
    expect(await me(other.token)).toBe(200);
  });

  it('refuses a token of no session: nobody could end it', async () => {
    expect(await me(await test.token({ scope: 'users:read', sid: null }))).toBe(401);
  });

  it('tells services to which session a call belongs', async () => {
    const { sid, token } = await newSession();
    await me(token);
    const [call] = test.upstream.calls;
    const principal = String(call?.metadata.get('authorization')[0]).replace('Bearer ', '');
    expect(decodeJwt(principal)).toMatchObject({ sub: 'ada', sid });
  });

  it('ends the open streams of one, and tells their readers why', async () => {
    const [one, other] = [await newSession('orders:read'), await newSession('orders:read')];
    test.upstream.stream('WatchOrder', (call) => call.write({ sequence: 1n }));
    const open = async (token: string) =>
      new EventReader(
        await test.fetch(`/v1/orders/${orderId}:watch`, { token, headers: { accept: 'text/event-stream' } }),
      );
    const [ending, going] = [await open(one.token), await open(other.token)];
    await Promise.all([ending.until('"sequence"'), going.until('"sequence"')]);
    sessions().end(one.sid);
    const text = await ending.rest();
    expect(text).toContain('event: error');
    expect(text).toContain('"code":"UNAUTHENTICATED"');
    expect(going.text).not.toContain('error');
    await going.cancel();
  });

  it('is as fresh as the feed: its age is a metric', async () => {
    const [known] = [...Array(1)].map(() => age().problem());
    expect(known).toBeUndefined();
  });

  describe('while the feed is away', () => {
    afterEach(async () => {
      if (sessions().watched === 0) await test.upstream.restart();
      await until(() => sessions().watched > 0, { what: 'the gateway to come back', timeout: 15_000 });
    });

    it('goes on to refuse what it knows to have ended, and to accept the rest; then hears what it missed', async () => {
      const [before, during, going] = [await newSession(), await newSession(), await newSession()];
      await ended(before.sid, before.token);
      test.upstream.kill();
      await until(() => sessions().watched === 0, { what: 'the feed to be lost' });
      expect(await me(before.token)).toBe(401);
      // The services have gone with the feed: 503 comes after the token was accepted.
      expect(await me(going.token)).toBe(503);
      sessions().end(during.sid);
      await test.upstream.restart();
      await until(async () => (await me(during.token)) === 401, { what: 'the gateway to hear it', timeout: 15_000 });
      expect(await me(before.token)).toBe(401);
      await until(async () => (await me(going.token)) === 200, { what: 'the services to be used again' });
    });

    it('notices a connection that is silent, and opens another', async () => {
      const before = sessions().tokens.length;
      sessions().isSilent = true;
      await until(() => sessions().tokens.length > before, { what: 'another watch', timeout: 15_000 });
      sessions().isSilent = false;
    });
  });
});

describe('what must not be done by an ended session', () => {
  it('is refused while the feed is older than the bound, and nothing else is', async () => {
    const behind = (sessions: TestSessions) => {
      sessions.lagMs = 61_000;
    };
    const test = await TestGateway.start({}, { prepare: behind });
    const token = await test.token({ scope: 'orders:refund orders:write orders:read users:read' });
    const refund = await test.fetch(MONEY, { method: 'POST', token, body: {}, headers: { 'idempotency-key': 'k' } });
    expect(refund.status).toBe(503);
    expect(refund.headers.get('retry-after')).toBe('1');
    expect((await problemOf(refund)).code).toBe('SESSIONS_UNKNOWN');
    expect((await test.fetch('/v1/users/me', { token })).status).toBe(200);
    test.upstream.sessions.lagMs = 0;
    const again = () => test.fetch(MONEY, { method: 'POST', token, body: {}, headers: { 'idempotency-key': 'k' } });
    await until(async () => (await again()).status !== 503, { what: 'refunds to be possible again' });
    await test.close();
  });
});

describe('a gateway that has heard of no sessions yet', () => {
  it('is not ready, and accepts no token of the issuer; what is public is served', async () => {
    const silent = (sessions: TestSessions) => {
      sessions.isSilent = true;
    };
    const test = await TestGateway.start({}, { waits: false, prepare: silent });
    const token = await test.token('users:read');
    const refused = await test.fetch('/v1/users/me', { token });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await problemOf(refused)).code).toBe('SESSIONS_UNKNOWN');
    expect(test.upstream.calls).toEqual([]);
    const readyz = await fetch(`${test.running.opsUrl}/readyz`);
    expect(readyz.status).toBe(503);
    expect(await readyz.text()).toContain('nothing heard yet');
    expect((await test.fetch('/v1/products')).status).toBe(200);
    test.upstream.sessions.isSilent = false;
    await until(async () => (await test.fetch('/v1/users/me', { token })).status === 200, {
      what: 'tokens to be accepted',
    });
    await test.close();
  });
});

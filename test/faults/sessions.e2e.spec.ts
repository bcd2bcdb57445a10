import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { decodeProtectedHeader } from 'jose';
import { DatabaseModule } from '#libs/database';
import { IdentityModule, SigningKeys } from '#libs/identity';
import { type RunningStore, runStore, type StackDescription, testFolder, until } from '#libs/testing';
import { type Account, Shop } from '../e2e/shop.js';
import { Replica } from './replica.js';
import { TokenLoad } from './token-load.js';

/** What security promises for the end of a session, on every replica. */
const KNOWN_WITHIN_MS = 1_000;
/** 30 s until the successor signs, 15 s to hand over, 5 s and 10 s until all have read it, and some for a busy machine. */
const WITHDRAWN_WITHIN_MS = 75_000;

describe('tokens through two gateways, under load', () => {
  let store: RunningStore;
  let stack: StackDescription;
  let replica: Replica;
  let gateways: string[];
  let shops: Shop[];
  let account: Account;
  let load: TokenLoad;

  beforeAll(async () => {
    store = runStore(join(await testFolder(), 'store'));
    stack = await store.ready();
    replica = await Replica.gateway(stack);
    gateways = [stack.gateway.url, replica.url];
    shops = gateways.map((url) => new Shop(url));
    account = await shop(0).signUp();
  }, 300_000);

  afterAll(async () => {
    await replica?.close();
    await store?.stop();
  }, 90_000);

  beforeEach(async () => {
    load = new TokenLoad(gateways, (await signIn()).token);
  });

  afterEach(() => load?.stop());

  const shop = (index: number): Shop => {
    const found = shops[index];
    if (!found) throw new Error(`there is no gateway ${index}`);
    return found;
  };
  const signIn = () => shop(0).signIn(account.email, account.password);

  /** Ends a session through one gateway; how long until every gateway refuses its token. */
  async function endSession(through: number): Promise<number> {
    const { token } = await signIn();
    // Every gateway has verified it, and remembers that.
    for (const gateway of gateways) expect(await load.status(gateway, token)).toBe(200);
    const { status } = await shop(through).call('DELETE', '/v1/sessions/current', { token });
    expect(status).toBe(200);
    const ended = performance.now();
    const refused = async (gateway: string) => (await load.status(gateway, token)) === 401;
    await until(async () => (await Promise.all(gateways.map(refused))).every(Boolean), {
      what: 'the token to be refused',
    });
    const took = performance.now() - ended;
    load.isEnded(token);
    return took;
  }

  it('are refused by both within a second after their session has ended at one of them', async () => {
    const took = [await endSession(0), await endSession(1), await endSession(0)];
    expect(Math.max(...took)).toBeLessThan(KNOWN_WITHIN_MS);
    await until(() => load.counts.ended > 50, { what: 'ended tokens to be tried', timeout: 30_000 });
    await load.stop();
    expect(load.wrong).toEqual([]);
  }, 120_000);

  it('stay what they are while users is killed and comes back, and sessions that end then are known in time', async () => {
    await endSession(0);
    const killed = (await store.stack()).apps.users?.pid;
    if (killed === undefined) throw new Error('users does not run');
    process.kill(killed, 'SIGKILL');
    const before = { ...load.counts };
    await until(async () => (await shop(0).call('GET', '/v1/users/me', { token: load.valid })).status === 503, {
      what: 'users to be missed',
    });
    await until(() => load.counts.ended > before.ended + 3 && load.counts.valid > before.valid + 3, {
      what: 'tokens to be tried meanwhile',
      timeout: 30_000,
    });
    await until(async () => (await shop(1).call('GET', '/v1/users/me', { token: load.valid })).status === 200, {
      what: 'users to be back',
      timeout: 60_000,
    });
    // The feeds are connected again at the latest a second after the service.
    await until(async () => (await feedAge(replica.opsUrl)) < 1 && (await feedAge(stack.apps.gateway?.ops)) < 1, {
      what: 'both gateways to hear of sessions again',
      timeout: 30_000,
    });
    expect(await endSession(1)).toBeLessThan(KNOWN_WITHIN_MS);
    await load.stop();
    expect(load.wrong).toEqual([]);
    expect(load.counts.none).toBeGreaterThan(10);
  }, 180_000);

  it('are all accepted while keys rotate, and refused once their key is withdrawn', async () => {
    const first = load.valid;
    const { kid: leaked = '' } = decodeProtectedHeader(first);
    const keys = await usersKeys();
    await keys.get(SigningKeys).withdraw(leaked);
    await keys.close();
    const begun = performance.now();
    // New tokens are used at once on both gateways, whichever key has signed them.
    await until(
      async () => {
        load.valid = (await signIn()).token;
        return decodeProtectedHeader(load.valid).kid !== leaked;
      },
      { what: 'another key to sign', timeout: 60_000, interval: 1_000 },
    );
    const refused = async (gateway: string) => (await load.status(gateway, first)) === 401;
    await until(async () => (await Promise.all(gateways.map(refused))).every(Boolean), {
      what: 'tokens of the withdrawn key to be refused',
      timeout: WITHDRAWN_WITHIN_MS,
    });
    expect(performance.now() - begun).toBeLessThan(WITHDRAWN_WITHIN_MS);
    load.isEnded(first);
    const before = load.counts.ended;
    await until(() => load.counts.ended > before + 20, { what: 'the withdrawn key to be tried', timeout: 30_000 });
    await load.stop();
    expect(load.wrong).toEqual([]);
    expect(load.counts.valid).toBeGreaterThan(100);
  }, 240_000);

  /** What an operator's verb calls. */
  async function usersKeys(): Promise<INestApplicationContext> {
    const url = stack.postgres.urls.users ?? '';
    const imports = [DatabaseModule.forRoot({ url, applicationName: 'test' }), IdentityModule.forIssuer()];
    return NestFactory.createApplicationContext({ module: class {}, imports }, { logger: false });
  }

  async function feedAge(ops: string | undefined): Promise<number> {
    const metrics = await (await fetch(`${ops}/metrics`)).text();
    const [, age] = /^ended_sessions_feed_age\w*\{[^}]*\} ([\d.e-]+)/m.exec(metrics) ?? [];
    return age === undefined ? Number.POSITIVE_INFINITY : Number(age);
  }
});

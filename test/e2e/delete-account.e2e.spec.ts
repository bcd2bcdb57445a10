import { join } from 'node:path';
import { type RunningStore, runStore, type StackDescription, testFolder, until } from '#libs/testing';
import { checkStore } from '../invariants/index.js';
import { Canary } from '../privacy/canary.js';
import {
  findInLogs,
  findInSpans,
  findInStore,
  findInTables,
  findInTopics,
  type Places,
} from '../privacy/find-in-store.js';
import { SpanCollector } from '../trace/span-collector.js';
import { expectStatus, Shop, textIn } from './shop.js';

describe('what an account leaves behind', () => {
  let folder: string;
  let collector: SpanCollector;
  let store: RunningStore;
  let stack: StackDescription;
  let shop: Shop;
  let places: Places;

  beforeAll(async () => {
    folder = join(await testFolder(), 'store');
    collector = await SpanCollector.start();
    store = runStore(folder, {
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: collector.endpoint,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '200',
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'pg',
      LOG_LEVEL: 'debug',
    });
    stack = await store.ready();
    shop = new Shop(stack.gateway.url);
    places = { postgresUrl: stack.postgres.url, brokers: stack.kafka.brokers, folder, collector };
  }, 200_000);

  afterAll(async () => {
    await store?.stop();
    await collector?.stop();
  }, 60_000);

  const canary = () => new Canary(shop, `${stack.apps.users?.ops}/mailbox`);
  /** An order that waits for a slow payment. */
  const order = async (person: Canary): Promise<string> => {
    const body = { lines: [{ sku: await shop.product(5), quantity: 2 }], paymentMethod: 'pm_card_slow' };
    const answer = await person.call('POST', '/v1/orders', body, person.word('idempotency key'));
    return textIn(expectStatus(answer, 201), 'id');
  };
  const remove = async (person: Canary): Promise<string> => {
    const answer = await person.call('DELETE', '/v1/users/me');
    expect(expectStatus(answer, 202)).toMatchObject({ state: 'RUNNING' });
    return answer.headers.get('location') ?? '';
  };
  const over = (location: string) =>
    until(
      async () => {
        const answer = await shop.call('GET', location).catch(() => undefined);
        return answer?.status === 200 && answer.body?.state === 'DONE';
      },
      { timeout: 90_000, what: 'the deletion to end' },
    );
  /** The mail that tells of the deletion waits for its sender, who may have died while sending: then for his lease to end. */
  const lastMailIsSent = (person: Canary) =>
    until(async () => (await findInTables(stack.postgres.url, person.words)).length === 0, {
      timeout: 180_000,
      what: 'the last mail to be sent, and nothing else to be left in a table',
    });
  /** Spans and log lines come a little later than what they tell of. */
  const allSpans = async () => {
    const seen = collector.bodies.length;
    await shop.call('GET', '/v1/products');
    await until(() => collector.bodies.length > seen, { timeout: 20_000, what: 'the last spans' });
  };

  it('is no word of its user in a log, a span or a message, whatever route is used, well or badly', async () => {
    const person = canary();
    await person.useEverything();
    const id = await order(person);
    await shop.ended((await shop.admin()).token, id, 90_000);
    await allSpans();
    expect(Object.keys(person.words).length).toBeGreaterThan(14);
    expect(findInLogs(folder, person.words)).toEqual([]);
    expect(findInSpans(collector, person.words)).toEqual([]);
    expect(await findInTopics(stack.kafka.brokers, person.words)).toEqual([]);
  }, 240_000);

  it('is nothing of its user anywhere once it is deleted, with an order in flight, which ends with its money right', async () => {
    const person = canary();
    await person.useEverything();
    const id = await order(person);
    const before = await findInTables(stack.postgres.url, person.words);
    expect(new Set(before.map(({ word }) => word))).toContain('email');
    expect(before.map(({ place }) => place)).toEqual(
      expect.arrayContaining(['table users.users', 'table orders.orders']),
    );

    const location = await remove(person);
    await until(async () => (await person.call('GET', '/v1/users/me')).status >= 400, {
      what: 'the end of the session',
    });
    expect((await person.call('POST', '/v1/orders', {}, 'another')).status).toBeGreaterThanOrEqual(400);
    await over(location);

    const { token } = await shop.admin();
    expect(['CONFIRMED', 'CANCELLED', 'REJECTED']).toContain((await shop.order(token, id)).state);
    expect(await checkStore(stack)).toEqual([]);
    await allSpans();
    await lastMailIsSent(person);
    expect(await findInStore(places, person.words)).toEqual([]);
    await person.signUp();
  }, 240_000);

  it('goes its way to the end when users is killed in the middle', async () => {
    const person = canary();
    await person.signUp();
    await person.signIn('email', 'password');
    const id = await order(person);
    const location = await remove(person);
    const killed = (await store.stack()).apps.users?.pid;
    if (killed === undefined) throw new Error('users does not run');
    process.kill(killed, 'SIGKILL');
    await over(location);
    const { token } = await shop.admin();
    expect((await shop.order(token, id)).state).not.toBe('PENDING');
    expect(await checkStore(stack)).toEqual([]);
    await lastMailIsSent(person);
    expect(await findInStore(places, person.words)).toEqual([]);
  }, 360_000);
});

import { join } from 'node:path';
import pg from 'pg';
import { type RunningStore, runStore, type StackDescription, testFolder, until } from '#libs/testing';
import { Shop } from '../e2e/shop.js';
import { checkStore } from '../invariants/index.js';
import { Balancer } from './balancer.js';
import { Replica } from './replica.js';
import { ShopperLoad } from './shopper-load.js';

// It takes minutes on two cores: `npm run test:faults`. What it is made of has tests of its own in `npm test`.
const whenAsked = process.env.FAULTS === 'all' ? describe : describe.skip;
const SERVICES = ['users', 'inventory', 'payments', 'orders'] as const;
const BETWEEN = 40;

whenAsked('a rolling restart under load', () => {
  let store: RunningStore;
  let stack: StackDescription;
  let balancer: Balancer;
  let load: ShopperLoad;
  const services: Replica[] = [];
  const gateways: Replica[] = [];

  beforeAll(async () => {
    store = runStore(join(await testFolder(), 'store'));
    stack = await store.ready();
    // Two of each: the store's own, and another.
    const lists: Record<string, string> = {};
    for (const name of SERVICES) {
      const replica = await Replica.service(stack, name);
      services.push(replica);
      lists[`${name.toUpperCase()}_ADDRESS`] = `${stack.apps[name]?.grpc},${replica.grpc}`;
    }
    const variables = { ...lists, DRAIN_NOTICE_MS: '1000' };
    for (let count = 0; count < 2; count++) gateways.push(await Replica.gateway(stack, variables));
    balancer = new Balancer(gateways.map(({ url }) => url));
    const shop = new Shop(gateways[0]?.url ?? '');
    const sku = await shop.product(1_000_000);
    const accounts = await Promise.all(Array.from({ length: 4 }, () => shop.signUp()));
    const tokens = accounts.map(({ token }) => token);
    load = new ShopperLoad({ balancer, tokens, sku, concurrency: 8, thinkMs: 100 });
    await goesOn();
  }, 300_000);

  afterAll(async () => {
    await load?.stop();
    await balancer?.close();
    for (const replica of [...gateways, ...services]) await replica.close();
    await store?.stop();
  }, 120_000);

  /** Enough is answered, so that a replica that is back has its share. */
  async function goesOn(): Promise<void> {
    const before = load.answered;
    const enough = () => load.answered >= before + BETWEEN || load.failures.length > 0;
    await until(enough, { timeout: 60_000, what: `${BETWEEN} requests to be answered` });
    expect(failures()).toEqual([]);
  }

  /** Each with what the replicas have said about it. */
  const failures = () =>
    load.failures.map((failure) => {
      const traceId = /"traceId":"(\w+)"/.exec(failure)?.[1];
      const said = [...services, ...gateways].flatMap(({ complaints }) => complaints);
      return [failure, ...said.filter((line) => traceId && line.includes(traceId))].join('\n');
    });

  it.each(SERVICES.map((name, index) => [name, index] as const))(
    'of both replicas of %s fails no request',
    async (name, index) => {
      await services[index]?.restart();
      await goesOn();
      const { pid } = (await store.stack()).apps[name] ?? {};
      await store.operate('restart', name);
      await until(async () => (await store.stack()).apps[name]?.pid !== pid && (await isReady(name)), {
        what: `${name} to be back`,
        timeout: 60_000,
      });
      await goesOn();
    },
    180_000,
  );

  it('of both gateways fails no request', async () => {
    for (const gateway of gateways) {
      await gateway.restart();
      await goesOn();
    }
  }, 180_000);

  it('loses no order', async () => {
    await load.stop();
    expect(failures()).toEqual([]);
    expect(load.accepted.length).toBeGreaterThan(50);
    const client = new pg.Client({ connectionString: stack.postgres.urls.orders });
    await client.connect();
    try {
      const open = `SELECT count(*)::int AS count FROM orders WHERE id = ANY($1) AND state <> 'PENDING'`;
      const ended = async () => (await client.query(open, [load.accepted])).rows[0]?.count === load.accepted.length;
      await until(ended, { timeout: 120_000, what: 'every accepted order to end' });
    } finally {
      await client.end();
    }
    expect(await checkStore(stack)).toEqual([]);
  }, 180_000);

  async function isReady(name: string): Promise<boolean> {
    const answer = await fetch(`${stack.apps[name]?.ops}/readyz`).catch(() => undefined);
    return answer?.ok === true;
  }
});

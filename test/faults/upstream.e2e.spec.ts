import { join } from 'node:path';
import { type RunningStore, runStore, type StackDescription, testFolder, until } from '#libs/testing';
import { Shop } from '../e2e/shop.js';
import { CatalogueLoad } from './catalogue-load.js';
import { Replica } from './replica.js';

// It takes minutes on two cores: `npm run test:faults`. All channels have the same test in small in `npm test`: kills.component.spec.ts
// of libs/upstream.
const whenAsked = process.env.FAULTS === 'all' ? describe : describe.skip;
const KILLS = 20;
const BETWEEN = 60;
const CHANNELS = ['framed', 'http2', 'grpc-js'] as const;

whenAsked('an upstream of two replicas that is killed again and again, under load', () => {
  let store: RunningStore;
  let stack: StackDescription;
  const replicas: Replica[] = [];
  const gateways: Replica[] = [];
  const loads: CatalogueLoad[] = [];

  beforeAll(async () => {
    store = runStore(join(await testFolder(), 'store'));
    stack = await store.ready();
    for (let count = 0; count < 2; count++) replicas.push(await Replica.service(stack, 'inventory'));
    const INVENTORY_ADDRESS = replicas.map(({ grpc }) => grpc).join();
    for (const UPSTREAM_CHANNEL of CHANNELS) {
      gateways.push(await Replica.gateway(stack, { INVENTORY_ADDRESS, UPSTREAM_CHANNEL }));
    }
    const shop = new Shop(stack.gateway.url);
    const sku = await shop.product(1_000);
    const { token } = await shop.admin();
    for (const { url } of gateways) loads.push(new CatalogueLoad({ url, token, sku, readers: 6, thinkMs: 30 }));
    await goesOn();
  }, 300_000);

  afterAll(async () => {
    for (const load of loads) await load.stop();
    for (const replica of [...gateways, ...replicas]) await replica.close();
    await store?.stop();
  }, 120_000);

  /** Enough is answered at each gateway, of reads and of changes. */
  async function goesOn(): Promise<void> {
    const before = loads.map(({ reads, changes }) => ({ reads, changes }));
    const enough = () =>
      loads.every(
        ({ reads, changes, failures }, at) =>
          failures.length > 0 ||
          (reads >= (before[at]?.reads ?? 0) + BETWEEN && changes > (before[at]?.changes ?? 0) + BETWEEN / 10),
      );
    await until(enough, { timeout: 60_000, what: `${BETWEEN} reads at each gateway` });
    expect(failures()).toEqual([]);
  }

  const failures = () => loads.flatMap((load, at) => load.failures.map((failure) => `${CHANNELS[at]}: ${failure}`));

  it(`fails no read in ${KILLS} kills, tells other requests when to come again, and lets none wait beyond its deadline`, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const replica = replicas[kill % replicas.length];
      await replica?.kill();
      await goesOn();
      await replica?.start();
      await goesOn();
    }
    for (const load of loads) await load.stop();
    expect(failures()).toEqual([]);
    const told = loads.map(({ reads, changes, refused, slowestMs }, at) => ({
      ...{ channel: CHANNELS[at], reads, changes, refused, slowestMs },
    }));
    process.stdout.write(`${JSON.stringify(told)}\n`);
  }, 600_000);
});

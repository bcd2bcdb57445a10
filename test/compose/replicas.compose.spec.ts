import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '#libs/testing';
import { Shop } from '../e2e/shop.js';
import { ShopperLoad } from '../faults/shopper-load.js';
import { BURST, inOneBucket, type Outcome, offerTooMuch, RATE, throttledConfig } from '../faults/throttle-load.js';
import { Jaeger } from '../trace/jaeger.js';
import type { Span } from '../trace/span-collector.js';
import { drawTree, orphans } from '../trace/span-tree.js';
import { ComposedOrders } from './composed-orders.js';
import { ComposedStore, say } from './composed-store.js';
import { Prometheus } from './prometheus.js';
import { tooPowerful } from './too-powerful.js';

const REPLICAS = { gateway: 2, users: 2, inventory: 2, orders: 3, payments: 2 };
/** Requests answered between two restarts. */
const BETWEEN = 40;

describe('the composed store in replicas, behind its balancer', () => {
  let store: ComposedStore;
  let shop: Shop;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'composed-replicas-'));
    store = await ComposedStore.start({
      layers: ['replicas', 'load'],
      files: [throttledLayer(folder)],
      scale: REPLICAS,
    });
    shop = new Shop(store.gatewayUrl);
  }, 900_000);

  afterAll(async () => {
    await store?.clear();
    rmSync(folder, { recursive: true, force: true });
  }, 180_000);

  it('has two gateways and three of orders, all healthy', async () => {
    for (const [service, count] of Object.entries(REPLICAS)) {
      const containers = await store.containers(service);
      expect(containers.map(({ Health }) => Health)).toEqual(Array(count).fill('healthy'));
    }
  });

  it('runs read-only, without root and without a capability, the balancer too', async () => {
    expect(await tooPowerful(store)).toEqual([]);
  });

  it('shares sagas and messages among its replicas, with the events of each order in their order', async () => {
    const orders = await ComposedOrders.begin(shop);
    const load = await orders.place(200, async () => {});
    const seconds = await orders.ended(load, 60);
    say(`replicas: ${load.accepted.length} orders accepted, all ended ${seconds} s later`);
    expect(load.submits.flatMap(({ refused }) => refused ?? [])).toEqual([]);
    expect(await store.violations()).toEqual([]);
    const prometheus = new Prometheus(store.prometheusUrl);
    for (const did of ['saga_started_total', 'messages_published_total', 'messages_consumed_total']) {
      const workers = async () => prometheus.query(`sum by (instance) (${did}{job="orders"}) > 0`);
      await until(async () => (await workers()).length === REPLICAS.orders, {
        timeout: 60_000,
        interval: 1_000,
        what: `${did} of ${REPLICAS.orders} replicas of orders`,
      });
    }
  }, 600_000);

  it('carries the load of its layer, and every order of it is confirmed', async () => {
    const run = ['run', '--rm', '--no-TTY', 'load', '--seconds', '15', '--warm-up', '15', '--buyers', '8'];
    const said = await store.compose(run, 180_000); // throws when an order failed
    say(`load: ${said.split('\n')[0]}`);
    expect(said).toMatch(/^orders ended per second +\d+\.\d \([1-9]\d* in/);
  }, 240_000);

  it('has one throttle: a principal is admitted burst + rate · seconds, to five in a hundred', async () => {
    const asked = async (seconds: number) => offerTooMuch([store.gatewayUrl], (await shop.signUp()).token, seconds);
    // Processes that have just started are slow: they would not be asked fast enough.
    const isOfferedEnough = ({ offered, seconds }: Outcome) => offered / seconds >= 3 * RATE;
    await until(async () => isOfferedEnough(await asked(3)), {
      timeout: 120_000,
      what: `${3 * RATE} requests a second`,
    });

    const outcome = await asked(10);
    const { offered, admitted, seconds } = outcome;
    const expected = inOneBucket(outcome);
    say(`throttle: ${JSON.stringify({ offered, admitted, seconds, expected, continuous: BURST + RATE * seconds })}`);
    expect(isOfferedEnough(outcome)).toBe(true);
    expect(outcome.others).toEqual([]);
    expect(admitted / expected).toBeGreaterThan(0.95);
    expect(admitted / expected).toBeLessThan(1.05);
  }, 240_000);

  it('fails no request and loses no order while every replica of every service is restarted in turn', async () => {
    const sku = await shop.product(1_000_000);
    const accounts = await Promise.all(Array.from({ length: 4 }, () => shop.signUp()));
    const load = new ShopperLoad({
      balancer: { pick: () => store.gatewayUrl },
      tokens: accounts.map(({ token }) => token),
      ...{ sku, concurrency: 6, thinkMs: 200 },
    });
    const goesOn = async () => {
      const before = load.answered;
      const enough = () => load.answered >= before + BETWEEN || load.failures.length > 0;
      await until(enough, { timeout: 120_000, what: `${BETWEEN} requests to be answered` });
      expect(await explained(load.failures)).toEqual([]);
    };
    try {
      await goesOn();
      for (const service of Object.keys(REPLICAS)) {
        for (const container of await store.containers(service)) {
          await store.restart(container);
          await goesOn();
        }
      }
    } finally {
      await load.stop();
    }
    expect(await explained(load.failures)).toEqual([]);
    say(`rolling: ${load.answered} requests answered, ${load.accepted.length} orders accepted`);
    expect(await store.violations(120)).toEqual([]);
  }, 1_200_000);

  /** Each with what the containers have said about it, and its trace. */
  const explained = (failures: readonly string[]) =>
    Promise.all(
      failures.map(async (failure) => {
        const traceId = /"traceId":"(\w+)"/.exec(failure)?.[1];
        if (!traceId) return failure;
        let spans: Span[] = [];
        const look = async () => {
          spans = await new Jaeger(store.jaegerUrl).trace(traceId);
          return spans.length > 0 && orphans(spans).length === 0;
        };
        await until(look, { timeout: 60_000, interval: 1_000, what: `trace ${traceId}` }).catch(() => {});
        return [failure, ...(await store.saidOf(traceId)), drawTree(spans)].join('\n');
      }),
    );
});

/** A layer that gives the gateways a throttle which a test can reach; its file. */
function throttledLayer(folder: string): string {
  const config = join(folder, 'gateway.yaml');
  writeFileSync(config, throttledConfig(readFileSync('apps/gateway/gateway.yaml', 'utf8')), { mode: 0o644 });
  const volumes = [`${config}:/app/apps/gateway/gateway.yaml:ro`];
  const layer = join(folder, 'throttled.json');
  writeFileSync(layer, JSON.stringify({ services: { gateway: { volumes } } }));
  return layer;
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from '#libs/testing';
import { expectStatus, Shop, textIn } from '../e2e/shop.js';
import { Jaeger } from '../trace/jaeger.js';
import type { Span } from '../trace/span-collector.js';
import { ancestors, drawTree, orphans, roots } from '../trace/span-tree.js';
import { ComposedStore } from './composed-store.js';
import { tooPowerful } from './too-powerful.js';

const APPS = ['gateway', 'users', 'inventory', 'orders', 'payments', 'payment-simulator'];
const SERVERS = ['postgres', 'kafka', 'valkey', 'jaeger', 'otel-collector', 'prometheus'];
/** The collector keeps a trace back until it can tell whether to keep it, and apps send spans in batches. */
const TRACE_MS = 90_000;

describe('docker compose up', () => {
  let store: ComposedStore;
  let shop: Shop;

  beforeAll(async () => {
    store = await ComposedStore.start();
    shop = new Shop(store.gatewayUrl);
  }, 900_000);

  afterAll(() => store?.clear(), 180_000);

  it('brings every container to healthy, and every job to its end', async () => {
    const containers = await store.containers();
    const healthy = containers.filter(({ Health }) => Health === 'healthy').map(({ Service }) => Service);
    expect(healthy).toEqual(expect.arrayContaining([...APPS, ...SERVERS]));
    const others = containers.filter(({ Health }) => Health !== 'healthy');
    expect(others.filter(({ State, ExitCode }) => State !== 'exited' || ExitCode !== 0)).toEqual([]);
  });

  it('runs every container read-only, every process without root and without a capability', async () => {
    expect(await tooPowerful(store)).toEqual([]);
  });

  it('gives a store in which the demo passes, its trace in Jaeger', async () => {
    const args = ['dist/apps/launcher/src/main.js', 'demo', '--url', store.gatewayUrl, '--traces', store.jaegerUrl];
    const { stdout } = await promisify(execFile)(process.execPath, args); // rejects when it does not exit with 0
    expect(stdout).toContain(`${store.jaegerUrl}/trace/`);
    expect(stdout).not.toContain('its parent is missing');
  }, 180_000);

  it.each([
    ['a confirmed order', 'pm_card_visa', 'CONFIRMED', 'publish orders.OrderConfirmed.v1'],
    ['a compensated order', 'pm_card_chargeDeclined', 'REJECTED', 'publish orders.OrderRejected.v1'],
  ])(
    'has one whole trace of %s, found by its order.id',
    async (_, paymentMethod, state, lastSpan) => {
      const { token } = await shop.signUp();
      const sku = await shop.product(5);
      const answer = await shop.submit(token, { sku, paymentMethod });
      const id = textIn(expectStatus(answer, 201), 'id');
      expect((await shop.ended(token, id)).state).toBe(state);

      const spans = await traceOf(id, lastSpan);

      expect(answer.headers.get('traceresponse')).toContain(spans[0]?.traceId);
      expect(roots(spans).map((span) => [span.localEndpoint.serviceName, span.kind])).toEqual([['gateway', 'SERVER']]);
      expect(orphans(spans)).toEqual([]);
      expect(servicesOf(spans)).toEqual(new Set(['gateway', 'orders', 'inventory', 'payments']));
      // REST → gRPC → outbox → Kafka → services: what payments consumed goes back to the request over a publication of orders.
      const [paying] = spans.filter(
        ({ localEndpoint, kind }) => localEndpoint.serviceName === 'payments' && kind === 'CONSUMER',
      );
      const way = paying
        ? ancestors(spans, paying).map(({ localEndpoint, kind }) => `${localEndpoint.serviceName} ${kind}`)
        : [];
      const stations = ['orders PRODUCER', 'orders SERVER', 'gateway CLIENT', 'gateway SERVER'];
      expect(way.filter((station, at) => stations.includes(station) && way.indexOf(station) === at)).toEqual(stations);
    },
    180_000,
  );

  /** Waits until Jaeger has all of it: its last span, and every span's parent. */
  async function traceOf(orderId: string, lastSpan: string): Promise<Span[]> {
    const jaeger = new Jaeger(store.jaegerUrl);
    let traces: Span[][] = [];
    const look = async () => {
      traces = await jaeger.find('orders', { 'order.id': orderId });
      const [spans = []] = traces;
      return spans.some(({ name }) => name === lastSpan) && orphans(spans).length === 0 && spans;
    };
    const found = await until(look, { timeout: TRACE_MS, interval: 500, what: `the trace of ${orderId}` }).catch(
      (error) => {
        throw new Error(`${error.message}; so far ${traces.length} traces:\n${drawTree(traces[0] ?? [])}`);
      },
    );
    expect(traces).toHaveLength(1);
    return found;
  }
});

const servicesOf = (spans: readonly Span[]) => new Set(spans.map((span) => span.localEndpoint.serviceName));

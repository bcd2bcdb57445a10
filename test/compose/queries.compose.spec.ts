import { randomUUID } from 'node:crypto';
import { until } from '#libs/testing';
import { expectStatus, Shop, textIn } from '../e2e/shop.js';
import { readRules } from '../monitoring/rule-files.js';
import { problemsOfQueries } from './check-queries.js';
import { ComposedStore } from './composed-store.js';
import { Prometheus } from './prometheus.js';

/** Apps send every ten seconds, Prometheus asks every ten; rates need two answers. */
const SERIES_MS = 180_000;

describe('Prometheus of the composed store', () => {
  let store: ComposedStore;
  let prometheus: Prometheus;

  beforeAll(async () => {
    store = await ComposedStore.start();
    prometheus = new Prometheus(store.prometheusUrl);
  }, 900_000);

  afterAll(() => store?.clear(), 180_000);

  it('has loaded every rule, and evaluates each without an error', async () => {
    const { recordings, alerts } = readRules();
    const evaluated = async () => (await prometheus.rules()).every(({ health }) => health !== 'unknown');
    await until(evaluated, { timeout: 90_000, interval: 1_000, what: 'every rule to be evaluated' });
    const loaded = await prometheus.rules();
    expect(loaded.filter(({ health }) => health !== 'ok')).toEqual([]);
    const names = [...recordings.map(({ record }) => record), ...alerts.map(({ alert }) => alert)];
    expect(loaded.map(({ name }) => name).sort()).toEqual(names.sort());
  }, 120_000);

  it('answers every query of every rule and dashboard, with series that exist', async () => {
    const shop = new Shop(store.gatewayUrl);
    let problems: string[] = [];
    const look = async () => {
      await shopping(shop); // again: a rate needs series that grow
      problems = await problemsOfQueries(prometheus);
      return problems.length === 0;
    };
    await until(look, { timeout: SERIES_MS, interval: 5_000, what: 'every query to be answered' }).catch(() => {});
    expect(problems).toEqual([]);
  }, 240_000);

  it('leads from a latency to a trace that Jaeger has', async () => {
    const ids = async () => {
      const found = await prometheus.exemplars('kept_spans_duration_seconds_bucket{service_name="gateway"}');
      return found.map(({ trace_id }) => trace_id);
    };
    const [traceId] = await until(async () => (await ids()).length > 0 && ids(), {
      timeout: 60_000,
      interval: 1_000,
      what: 'an exemplar of the gateway',
    });
    const kept = async () => (await fetch(`${store.jaegerUrl}/api/traces/${traceId}`)).status === 200;
    await until(kept, { timeout: 60_000, interval: 1_000, what: `trace ${traceId} to be in Jaeger` });
  }, 180_000);

  it('alerts within minutes that payments is down, and no longer once it is back', async () => {
    // While the store starts for the first time, its services are down.
    const calm = async () => (await prometheus.firing()).length === 0;
    await until(calm, { timeout: 180_000, interval: 2_000, what: 'no alert to fire' });
    await store.kill('payments');
    const down = async () => (await prometheus.firing()).includes('ServiceDown payments');
    await until(down, { timeout: 240_000, interval: 2_000, what: 'ServiceDown to fire for payments' });
    await store.startAgain('payments');
    await until(calm, { timeout: 180_000, interval: 2_000, what: 'all alerts to end' });
  }, 600_000);
});

/** Something of everything that leaves a number: orders that end well and badly, a replay, a refund, a stream, refusals. */
async function shopping(shop: Shop): Promise<void> {
  const { token } = await shop.signUp();
  const sku = await shop.product(50);
  const key = randomUUID();
  const placed = expectStatus(await shop.submit(token, { sku, key, wait: 20 }), 201);
  const id = textIn(placed, 'id');
  await shop.submit(token, { sku, key, wait: 20 });
  const declined = await shop.submit(token, { sku, paymentMethod: 'pm_card_chargeDeclined' });
  await shop.submit(token, { sku, quantity: 51 });
  expect((await shop.ended(token, id)).state).toBe('CONFIRMED');
  await shop.ended(token, textIn(declined.body, 'id'));
  await shop.call('GET', '/v1/orders/no-order', { token });
  await shop.call('GET', '/v1/products');
  await watched(shop, token, id);
}

/** A stream that is open for a while: that of an order which has ended closes by itself. */
async function watched(shop: Shop, token: string, id: string): Promise<void> {
  const headers = { accept: 'text/event-stream' };
  expect((await shop.call('GET', `/v1/orders/${id}:watch`, { token, headers })).status).toBe(200);
}

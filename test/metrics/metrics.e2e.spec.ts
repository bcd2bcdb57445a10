import { randomUUID } from 'node:crypto';
import type { StackDescription } from '#libs/embedded';
import { sharedStore, until } from '#libs/testing';
import { Shop, textIn } from '../e2e/shop.js';
import { type DescribedMetric, describedMetrics } from './metrics-page.js';
import { toldMetrics } from './told-metrics.js';

/** What a store that is well, and asked for nothing strange, does not tell: nobody is to break it for that. */
const ONLY_IN_TROUBLE = new Set([
  'gateway_server_errors_total',
  'throttle_shared_buckets',
  'gateway_configuration_reloads_total',
  'payments_drift_total',
  'rpc_client_retries_total',
  'saga_ignored_messages_total',
  'users_mails_total',
]);
/** What an app tells only once it has called another one, or a page has been loaded by it. */
const NOT_BY_ALL = new Set([
  'rpc_server_call_duration_seconds',
  'rpc_client_call_duration_seconds',
  'http_client_request_duration_seconds',
  'messages_consumed_total',
  'messages_process_duration_seconds',
  'messages_published_total',
  'kafka_consumer_lag',
  'saga_ended_total',
  'saga_duration_seconds',
  'saga_started_total',
  'v8js_gc_duration_seconds',
]);
const described = describedMetrics();
const ofApps = described.filter(({ apps }) => !apps.includes('collector'));

describe('docs/metrics.md', () => {
  let store: StackDescription;

  beforeAll(async () => {
    store = await sharedStore();
    await shopFor(store);
  }, 200_000);

  it('describes each metric once', () => {
    expect(described.length).toBeGreaterThan(60);
    expect(new Set(described.map(({ name }) => name)).size).toBe(described.length);
  });

  it('describes everything that apps tell, with its type and its labels', async () => {
    const strange: string[] = [];
    for (const app of Object.keys(store.apps)) {
      for (const [name, { type, labels }] of await told(store, app)) {
        if (name === 'target_info') continue;
        const row = ofApps.find((metric) => metric.name === name);
        if (!row?.apps.includes(app) || row.type !== type) strange.push(`${app}: ${type} ${name}`);
        else strange.push(...[...labels].filter((label) => !row.labels.has(label)).map((label) => `${name}{${label}}`));
      }
    }
    expect(strange).toEqual([]);
  });

  it('describes nothing that they do not tell', async () => {
    let missing: string[] = [];
    const look = async () => {
      missing = (await Promise.all(Object.keys(store.apps).map((app) => absentIn(store, app)))).flat();
      return missing.length === 0;
    };
    // The delay of an event loop is told once there are enough samples since the last reading.
    await until(look, { timeout: 30_000, interval: 1_000, what: 'all metrics to be told' }).catch(() => {});
    expect(missing).toEqual([]);
  });

  it('has a name for each way an order ends', async () => {
    const page = await pageOf(store, 'orders');
    expect(page).toMatch(/^saga_ended_total\{.*outcome="completed".*\} [1-9]/m);
    expect(page).toMatch(/^saga_ended_total\{.*outcome="compensated".*\} [1-9]/m);
    expect(await pageOf(store, 'payments')).toMatch(/^payments_ledger_imbalance\{currency="USD"\} 0$/m);
  });

  it('has no label for what a client sent', async () => {
    const path = `/v1/${randomUUID()}`;
    const shop = new Shop(store.gateway.url);
    await shop.call('GET', path);
    await shop.call('GET', `/v1/products/${randomUUID()}`);
    await shop.call('PROPFIND', '/v1/products');
    const page = await pageOf(store, 'gateway');
    expect(page).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(page).not.toContain('PROPFIND');
    const unmatched = 'api="gateway",stage="default",method="GET",resource="unmatched"';
    expect(page).toContain(`gateway_requests_total{${unmatched}}`);
    expect(page).toContain(`gateway_client_errors_total{${unmatched},code="ROUTE_NOT_FOUND"}`);
  });
});

async function absentIn(store: StackDescription, app: string): Promise<string[]> {
  const metrics = await told(store, app);
  const isExpected = ({ name, apps }: DescribedMetric) =>
    apps.includes(app) && !ONLY_IN_TROUBLE.has(name) && !(NOT_BY_ALL.has(name) && apps.length > 1);
  const once = ofApps.filter(isExpected).filter(({ name }) => !metrics.has(name));
  return once.map(({ name }) => `${app}: ${name}`);
}

async function told(store: StackDescription, app: string) {
  return toldMetrics(await pageOf(store, app));
}

async function pageOf({ apps }: StackDescription, app: string): Promise<string> {
  const page = await (await fetch(`${apps[app]?.ops}/metrics`)).text();
  // Says which process it is, by ids; Prometheus keeps it apart from the series.
  return page.replace(/^target_info\{.*$/m, '');
}

/** An order that is confirmed, one that is turned back, an order repeated under its key, and a stream. */
async function shopFor({ gateway: { url } }: StackDescription): Promise<void> {
  const shop = new Shop(url);
  const [{ token }, sku] = await Promise.all([shop.signUp(), shop.product(10)]);
  const key = randomUUID();
  const answers = [
    await shop.submit(token, { sku, key }),
    await shop.submit(token, { sku, key }),
    await shop.submit(token, { sku, paymentMethod: 'pm_card_chargeDeclined' }),
  ];
  const [first = '', , declined = ''] = answers.map(({ body }) => textIn(body, 'id'));
  await Promise.all([shop.ended(token, first), shop.ended(token, declined)]);
  await (
    await fetch(`${url}/v1/orders/${first}:watch`, { headers: { authorization: `Bearer ${token}` } })
  ).body?.cancel();
  await throttled(shop);
}

/** Asks for a session until a bucket is empty. */
async function throttled(shop: Shop): Promise<void> {
  const body = { email: `nobody-${randomUUID()}@example.com`, password: 'wrong password' };
  const refused = async () => (await shop.call('POST', '/v1/sessions', { body })).status === 429;
  await until(refused, { timeout: 30_000, interval: 1, what: 'a throttle to refuse' });
}

import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { topics } from '#libs/contracts';
import { type RunningStore, runStore, type StackDescription, testFolder, until } from '#libs/testing';
import { type Account, expectStatus, Shop, textIn } from '../e2e/shop.js';
import { SpanCollector } from './span-collector.js';
import { ancestors, drawTree, orphans, roots } from './span-tree.js';

describe('what an order leaves behind', () => {
  let folder: string;
  let collector: SpanCollector;
  let store: RunningStore;
  let stack: StackDescription;
  let shop: Shop;
  let buyer: Account;
  const email = `canary-${randomUUID()}@example.com`;
  const password = `canary ${randomUUID()}`;

  beforeAll(async () => {
    folder = join(await testFolder(), 'store');
    collector = await SpanCollector.start();
    store = runStore(folder, {
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: collector.endpoint,
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '200',
      LOG_LEVEL: 'debug',
    });
    stack = await store.ready();
    shop = new Shop(stack.gateway.url);
    buyer = await shop.signUp(email, password);
  }, 200_000);

  afterAll(async () => {
    await store?.stop();
    await collector?.stop();
  }, 60_000);

  it.each([
    ['a confirmed order', 'pm_card_visa', 'CONFIRMED', 'publish orders.OrderConfirmed.v1'],
    ['a compensated order', 'pm_card_chargeDeclined', 'REJECTED', 'publish orders.OrderRejected.v1'],
  ])('makes one trace of %s, from the HTTP request to the last event', async (_, paymentMethod, state, lastSpan) => {
    const sku = await shop.product(5);
    const answer = await shop.submit(buyer.token, { sku, paymentMethod });
    const id = textIn(expectStatus(answer, 201), 'id');
    expect((await shop.ended(buyer.token, id)).state).toBe(state);

    const traceId = answer.headers.get('traceresponse')?.split('-')[1] ?? '';
    const spans = await until(
      () => {
        const seen = collector.trace(traceId);
        return seen.some((span) => span.name === lastSpan) && orphans(seen).length === 0 && seen;
      },
      { timeout: 20_000, what: `the whole trace ${traceId}; so far:\n${drawTree(collector.trace(traceId))}` },
    );

    expect(roots(spans).map((span) => [span.localEndpoint.serviceName, span.kind])).toEqual([['gateway', 'SERVER']]);
    const paying = spans.filter((span) => span.localEndpoint.serviceName === 'payments' && span.kind === 'CONSUMER');
    expect(paying.length).toBeGreaterThan(0);
    for (const span of paying) {
      const consumers = [span, ...ancestors(spans, span)].filter((other) => other.kind === 'CONSUMER');
      expect(consumers.length).toBeGreaterThanOrEqual(2);
    }
    expect(new Set(spans.map((span) => span.localEndpoint.serviceName))).toEqual(
      new Set(['gateway', 'orders', 'inventory', 'payments']),
    );
  });

  it('shows no password, token, e-mail or payment method in any log, span or event', async () => {
    const secrets = {
      email,
      password,
      'access token': buyer.token,
      'refresh token': buyer.refreshToken,
      'payment method': 'pm_card_',
    };
    await shop.signIn(email, password);
    await shop.call('POST', '/v1/sessions', { body: { email, password: `${password} wrong` } });
    await shop.call('POST', '/v1/users', { body: { email, password } });
    await shop.call('GET', `/v1/users/me?${new URLSearchParams({ email, password })}`, { token: buyer.token });

    const places = {
      logs: readFiles(join(folder, 'logs')).join('\n'),
      spans: collector.bodies.join('\n'),
      events: (await readTopics(stack.kafka.brokers)).join('\n'),
    };
    for (const text of Object.values(places)) expect(text.length).toBeGreaterThan(1000);
    const found = Object.entries(places).flatMap(([place, text]) =>
      Object.entries(secrets)
        .filter(([, secret]) => text.includes(secret))
        .map(([name, secret]) => `${name} in ${place}: …${around(text, secret)}…`),
    );
    expect(found).toEqual([]);
  });
});

function readFiles(at: string): string[] {
  return readdirSync(at).map((file) => readFileSync(join(at, file), 'utf8'));
}

const around = (text: string, secret: string): string => {
  const at = text.indexOf(secret);
  return text.slice(Math.max(0, at - 80), at + 20);
};

/** Key, headers and payload of every message, as text. A payment method may stand in the commands to payments only. */
async function readTopics(brokers: string): Promise<string[]> {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: `canaries-${randomUUID()}` });
  const seen: string[] = [];
  try {
    await admin.connect();
    const offsets = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)));
    const total = offsets.flat().reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, message }) => {
        const headers = JSON.stringify(message.headers, (_, value) =>
          value?.type === 'Buffer' ? String(Buffer.from(value)) : value,
        );
        const payload = topic === 'payments.commands.v1' ? '' : message.value?.toString('latin1');
        seen.push(`${topic} ${message.key} ${headers} ${payload}`);
      },
    });
    await until(() => seen.length >= total, { timeout: 30_000, what: `${total} messages to be read` });
    return seen;
  } finally {
    await Promise.all([consumer.disconnect(), admin.disconnect()]);
  }
}

import { randomUUID } from 'node:crypto';
import { type EachBatchPayload, Kafka, logLevel } from 'kafkajs';
import type { ClientBase } from 'pg';
import type { Violation } from './rule.js';

export interface TopicOptions {
  readonly brokers: readonly string[];
  /** Default none. */
  readonly prefix?: string;
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
}

interface Expectation {
  readonly topic: string;
  readonly schema: 'orders' | 'inventory' | 'payments';
  /** `key` and the `types` of all events that its committed rows stand for, in order. */
  readonly sql: string;
  /** Rows tell how many events there were and which was the first: `types` has the others in the order of their names. */
  readonly onlyFirstIsKnown?: true;
  /** Events that no row stands for: what they tell of is over. */
  readonly besides?: readonly string[];
}

const EXPECTATIONS: readonly Expectation[] = [
  {
    topic: 'orders.order.v1',
    schema: 'orders',
    sql: `SELECT id::text AS key, ARRAY['orders.OrderPlaced.v1'] || CASE state
        WHEN 'CONFIRMED' THEN ARRAY['orders.OrderConfirmed.v1'] WHEN 'REJECTED' THEN ARRAY['orders.OrderRejected.v1']
        WHEN 'CANCELLED' THEN ARRAY['orders.OrderCancelled.v1'] ELSE ARRAY[]::text[] END
        || ARRAY(SELECT 'orders.OrderRefunded.v1' FROM refunds
          WHERE order_id = orders.id AND refunds.state = 'SUCCEEDED') AS types
      FROM orders`,
  },
  {
    topic: 'payments.payment.v1',
    schema: 'payments',
    sql: `SELECT order_id::text AS key, CASE
        WHEN minor_units IS NULL THEN ARRAY[]::text[] WHEN state = 'SUCCEEDED' THEN ARRAY['payments.PaymentSucceeded.v1']
        WHEN state = 'FAILED' THEN ARRAY['payments.PaymentFailed.v1']
        WHEN state = 'CANCELED' THEN ARRAY['payments.PaymentCanceled.v1'] ELSE ARRAY[]::text[] END
        || ARRAY(SELECT 'payments.PaymentRefunded.v1' FROM refunds
          WHERE refunds.order_id = payments.order_id AND refunds.state = 'SUCCEEDED') AS types
      FROM payments`,
  },
  {
    topic: 'inventory.product.v1',
    schema: 'inventory',
    sql: `SELECT sku AS key, ARRAY['inventory.ProductCreated.v1']
        || array_fill('inventory.ProductUpdated.v1'::text, ARRAY[(version - 1)::integer])
        || ARRAY(SELECT 'inventory.StockAdjusted.v1' FROM stock_movements AS movement
          WHERE movement.sku = products.sku AND kind = 'adjust') AS types
      FROM products`,
    onlyFirstIsKnown: true,
    besides: ['inventory.StockRanLow.v1'],
  },
];

/**
 * I8 and I9: the topics hold exactly the events that the rows stand for, those of a key in order; one that was sent
 * twice has the same id. Only headers are read. A topic whose beginning was deleted (retention) proves nothing and is
 * passed over.
 */
export async function checkTopics(
  books: Readonly<Record<Expectation['schema'], ClientBase>>,
  { brokers, prefix = '', credentials }: TopicOptions,
): Promise<Violation[]> {
  const sasl = credentials && { mechanism: 'plain' as const, ...credentials };
  const kafka = new Kafka({
    clientId: 'invariants',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    ...(sasl && { sasl }),
  });
  const topics = EXPECTATIONS.map(({ topic }) => prefix + topic);
  const published = await readTopics(kafka, topics);
  const violations: Violation[] = [];
  for (const expectation of EXPECTATIONS) {
    const { topic, schema, sql } = expectation;
    const events = published.get(prefix + topic);
    if (!events) continue;
    const { rows } = await books[schema].query<{ key: string; types: string[] }>(sql);
    const comparable = new Map([...events].map(([key, types]) => [key, comparableTypes(types, expectation)]));
    violations.push(...compare(topic, new Map(rows.map(({ key, types }) => [key, types])), comparable));
  }
  return violations;
}

/** Types by key, in the order in which they were first published. */
type Published = Map<string, string[]>;

/** Of what was published, that which the rows can tell as well. */
function comparableTypes(published: readonly string[], { besides, onlyFirstIsKnown }: Expectation): string[] {
  const types = published.filter((type) => !besides?.includes(type));
  return onlyFirstIsKnown ? [...types.slice(0, 1), ...types.slice(1).sort()] : types;
}

function compare(topic: string, committed: ReadonlyMap<string, string[]>, published: Published): Violation[] {
  const violations: Violation[] = [];
  for (const [key, types] of committed) {
    const sent = published.get(key) ?? [];
    if (types.join() === sent.join()) continue;
    const invariant = [...types].sort().join() === [...sent].sort().join() ? 'I8' : 'I9';
    const what = invariant === 'I8' ? 'events are out of order' : 'events are not those of the committed rows';
    violations.push({
      invariant,
      what: `${what} in ${topic}`,
      subject: key,
      evidence: { committed: types, published: sent },
      settles: true,
    });
  }
  for (const [key, types] of published) {
    if (committed.has(key)) continue;
    const what = `events without a committed row in ${topic}`;
    violations.push({ invariant: 'I9', what, subject: key, evidence: { published: types }, settles: true });
  }
  return violations;
}

async function readTopics(kafka: Kafka, topics: readonly string[]): Promise<Map<string, Published>> {
  const read = new Map<string, Published>();
  const missing = await offsetsToRead(kafka, topics, read);
  if (missing.size === 0) return read;
  const groupId = `invariants-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  const { promise: allRead, resolve, reject } = Promise.withResolvers<void>();
  const seen = new Set<string>();
  const eachBatch = async ({ batch }: EachBatchPayload) => {
    const events = read.get(batch.topic);
    for (const { key, headers } of events ? batch.messages : []) {
      const id = String(headers?.ce_id);
      if (seen.has(id)) continue;
      seen.add(id);
      const about = String(key);
      events?.set(about, [...(events.get(about) ?? []), String(headers?.ce_type)]);
    }
    const place = `${batch.topic}/${batch.partition}`;
    if (BigInt(batch.lastOffset()) + 1n >= (missing.get(place) ?? 0n)) missing.delete(place);
    if (missing.size === 0) resolve();
  };
  const timer = setTimeout(() => reject(new Error(`not read within 60 s: ${[...missing.keys()].join(', ')}`)), 60_000);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...read.keys()], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch });
    await allRead;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
    await deleteGroup(kafka, groupId);
  }
  return read;
}

/** The end of each partition that has messages; puts an empty entry into `read` for every topic that is complete. */
async function offsetsToRead(
  kafka: Kafka,
  topics: readonly string[],
  read: Map<string, Published>,
): Promise<Map<string, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ends = new Map<string, bigint>();
    for (const topic of topics) {
      const partitions = await admin.fetchTopicOffsets(topic);
      if (partitions.some(({ low }) => low !== '0')) continue;
      read.set(topic, new Map());
      for (const { partition, high } of partitions) if (high !== '0') ends.set(`${topic}/${partition}`, BigInt(high));
    }
    return ends;
  } finally {
    await admin.disconnect();
  }
}

async function deleteGroup(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  // A group that lingers is forgotten by the broker: nothing depends on it.
  await admin.deleteGroups([groupId]).catch(() => {});
  await admin.disconnect();
}

import type { BatchObservableResult } from '@opentelemetry/api';
import type { Database } from '#libs/database';
import { meter } from '#libs/telemetry';
import { deadLetterBacklog } from './dead-letters.store.js';
import type { GroupLag } from './kafka/group-lag.js';
import { outboxBacklog } from './outbox.store.js';
import type { MessagingTables } from './tables.js';

const messaging = meter('messaging');
const consumed = messaging.createCounter('messages_consumed', {
  description: 'Messages by type and by what became of them',
});
const published = messaging.createCounter('messages_published', {
  description: 'Messages that Kafka has confirmed, by type',
});
const duration = messaging.createHistogram('messages_process_duration', {
  description: 'One try of a handler',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
});

export type Outcome = 'processed' | 'duplicate' | 'skipped' | 'failed' | 'retried' | 'dead_lettered' | 'parked';

/** `type` is one that the service handles, or undefined: what a header says is no label. */
export function countConsumed(type: string | undefined, outcome: Outcome): void {
  consumed.add(1, { type: type ?? 'other', outcome });
}

/** Types of messages that were sent, each as often as it was. */
export function countPublished(types: readonly string[]): void {
  for (const type of types) published.add(1, { type });
}

/** Measures one try of a handler. */
export async function measured<T>(type: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  let outcome = 'failed';
  try {
    const result = await work();
    outcome = 'done';
    return result;
  } finally {
    duration.record((performance.now() - startedAt) / 1000, { type, outcome });
  }
}

/** What waits in the tables of a service, read at each collection; returns how to stop. */
export function observeBacklog(database: Database<MessagingTables>): () => void {
  const rows = messaging.createObservableGauge('outbox_rows', { description: 'Messages that wait to be sent' });
  const age = messaging.createObservableGauge('outbox_oldest_age', {
    description: 'How long the oldest of them has been waiting',
    unit: 's',
  });
  const waiting = messaging.createObservableGauge('dead_letters_waiting', {
    description: 'Dead letters that were neither replayed nor discarded',
  });
  const parked = messaging.createObservableGauge('dead_letters_parked_keys', {
    description: 'Keys whose messages are held back behind them',
  });
  const observe = async (result: BatchObservableResult): Promise<void> => {
    // Without a database there is no number to tell, and no reason to fail the other metrics.
    const read = Promise.all([outboxBacklog(database.db), deadLetterBacklog(database.db)]);
    const backlog = await read.catch(() => undefined);
    if (!backlog) return;
    const [outbox, dead] = backlog;
    result.observe(rows, outbox.rows);
    result.observe(age, outbox.oldestAgeSeconds);
    result.observe(waiting, dead.waiting);
    result.observe(parked, dead.parkedKeys);
  };
  const gauges = [rows, age, waiting, parked];
  messaging.addBatchObservableCallback(observe, gauges);
  return () => messaging.removeBatchObservableCallback(observe, gauges);
}

const ASK_AGAIN_MS = 15_000;
const KNOWN_FOR_MS = 60_000;

/**
 * `kafka_consumer_lag`: the broker is asked in the background after a collection, since it may be away, and not more
 * often than every 15 s. What is older than a minute is not told any more. Returns how to stop.
 */
export function observeLag(lag: Pick<GroupLag, 'group' | 'read'>, now = () => performance.now()): () => void {
  const gauge = messaging.createObservableGauge('kafka_consumer_lag', {
    description: 'Messages of a topic that the consumer group has not committed',
  });
  let known: { at: number; byTopic: ReadonlyMap<string, number> } | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  const ask = async (): Promise<void> => {
    askedAt = now();
    // Kafka being away is told by the health of the producer and the consumer.
    const byTopic = await lag.read().catch(() => undefined);
    if (byTopic) known = { at: now(), byTopic };
  };
  const observe = (result: BatchObservableResult): void => {
    if (now() - askedAt >= ASK_AGAIN_MS) void ask();
    if (!known || now() - known.at > KNOWN_FOR_MS) return;
    for (const [topic, value] of known.byTopic) result.observe(gauge, value, { group: lag.group, topic });
  };
  messaging.addBatchObservableCallback(observe, [gauge]);
  return () => messaging.removeBatchObservableCallback(observe, [gauge]);
}

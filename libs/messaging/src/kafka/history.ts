import { randomUUID } from 'node:crypto';
import type { Admin, Kafka } from 'kafkajs';
import { type KafkaPlace, openKafka } from './client.js';
import { type IncomingMessage, incoming } from './consumer.js';
import { KafkaTimeoutError } from './errors.js';

/** A reader that gets nothing for so long has lost the broker. */
const STILL_MS = 30_000;
const log = { warn: () => {}, debug: () => {} };

export interface HistoryWanted extends KafkaPlace {
  /** Names in Kafka, prefix and all. */
  readonly topics: readonly string[];
  /** By the time at which the messages were sent. */
  readonly since: Date;
}

interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * Hands over every message that was sent since a moment and is there now, those of a partition in their order, and moves
 * nobody's offsets. Resolves to their number. Rejects when Kafka is away or a topic does not exist.
 */
export async function readSince(wanted: HistoryWanted, take: (message: IncomingMessage) => void): Promise<number> {
  const kafka = openKafka({ ...wanted, clientId: 'history', log });
  const missing = await withAdmin(kafka, (admin) => rangesSince(admin, wanted));
  if (missing.size === 0) return 0;
  const group = `history-${randomUUID()}`;
  let count = 0;
  const read = (place: { topic: string; partition: number }, message: IncomingMessage): boolean => {
    const name = nameOf(place);
    const range = missing.get(name);
    if (!range || message.offset < range.from) return false;
    if (message.offset < range.to) {
      count++;
      take(message);
    }
    if (message.offset + 1n >= range.to) missing.delete(name);
    return missing.size === 0;
  };
  await consumeUntil(kafka, { ...wanted, group, ranges: new Map(missing) }, read);
  return count;
}

/** A group that was set back: what was sent since then comes again to its members. */
export interface Rewound {
  readonly topic: string;
  readonly messages: bigint;
}

/**
 * Sets the offsets of a consumer group back to the first message that was sent since a moment; never forward. Rejects
 * when the group has members: stop the service first.
 */
export async function rewindGroup(place: KafkaPlace, group: string, since: Date): Promise<Rewound[]> {
  return withAdmin(openKafka({ ...place, clientId: 'history', log }), async (admin) => {
    const rewound: Rewound[] = [];
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId: group })) {
      const targets = new Map(
        (await offsetsAt(admin, topic, since)).map(({ partition, offset }) => [partition, offset]),
      );
      const back = partitions.flatMap(({ partition, offset }) => {
        const target = targets.get(partition);
        return target === undefined || BigInt(offset) <= target
          ? []
          : [{ partition, target, messages: BigInt(offset) - target }];
      });
      if (back.length === 0) continue;
      const offsets = back.map(({ partition, target }) => ({ partition, offset: String(target) }));
      await admin.setOffsets({ groupId: group, topic, partitions: offsets });
      rewound.push({ topic, messages: back.reduce((sum, { messages }) => sum + messages, 0n) });
    }
    return rewound;
  });
}

/** Rejects when the group has members. */
export async function assertGroupEmpty(place: KafkaPlace, group: string): Promise<void> {
  const { groups } = await withAdmin(openKafka({ ...place, clientId: 'history', log }), (admin) =>
    admin.describeGroups([group]),
  );
  const members = groups.flatMap((one) => one.members).length;
  if (members > 0) throw new Error(`the consumer group ${group} has ${members} members: stop the service first`);
}

async function consumeUntil(
  kafka: Kafka,
  { topics, group, ranges }: { topics: readonly string[]; group: string; ranges: ReadonlyMap<string, Range> },
  read: (place: { topic: string; partition: number }, message: IncomingMessage) => boolean,
): Promise<void> {
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 250, allowAutoTopicCreation: false });
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  const giveUp = () => reject(new KafkaTimeoutError(`nothing came from Kafka for ${STILL_MS / 1000} s`));
  const timer = setTimeout(giveUp, STILL_MS);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic, partition, messages }, isStale }) => {
        if (isStale()) return; // fetched before the seek
        timer.refresh();
        for (const message of messages)
          if (read({ topic, partition }, incoming({ topic, partition }, message))) resolve();
      },
    });
    for (const [name, { from }] of ranges) consumer.seek({ ...placeOf(name), offset: String(from) });
    await done;
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
    // A group that lingers is forgotten by the broker: nothing depends on it.
    await withAdmin(kafka, (admin) => admin.deleteGroups([group])).catch(() => {});
  }
}

async function rangesSince(admin: Admin, { topics, since }: HistoryWanted): Promise<Map<string, Range>> {
  const ranges = new Map<string, Range>();
  for (const topic of topics) {
    const ends = new Map(
      (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, BigInt(high)]),
    );
    for (const { partition, offset: from } of await offsetsAt(admin, topic, since)) {
      const to = ends.get(partition) ?? 0n;
      if (from < to) ranges.set(nameOf({ topic, partition }), { from, to });
    }
  }
  return ranges;
}

/** By partition, the first message that was sent at this time or later; the end where there is none. */
async function offsetsAt(admin: Admin, topic: string, since: Date): Promise<{ partition: number; offset: bigint }[]> {
  const found = await admin.fetchTopicOffsetsByTimestamp(topic, since.getTime());
  return found.map(({ partition, offset }) => ({ partition, offset: BigInt(offset) }));
}

async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin({ retry: { retries: 2 } });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

const nameOf = ({ topic, partition }: { topic: string; partition: number }) => `${topic}/${partition}`;
const placeOf = (name: string) => {
  const at = name.lastIndexOf('/');
  return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) };
};

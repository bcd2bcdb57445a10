import { Channel_Kind, channelMessages, channelOf, ownerOf, services, topics } from '#libs/contracts';
import { openAdmin } from './kafka/admin.js';
import type { KafkaPlace } from './kafka/client.js';
import { orRefused } from './kafka/refusal.js';

const DAY_MS = 86_400_000;
/** An inbox row must outlive a message in its topic and then in the dead-letter topic. */
export const TOPIC_RETENTION_DAYS = 7;

/** Where a consumer group puts what it cannot handle. `topic` and the result carry the prefix, if there is one. */
export function deadLetterTopic(topic: string, group: string): string {
  return `${topic}.${group}.dlt`;
}

/** Where the consumer group `group` puts what it cannot handle of a topic. */
export interface DeadLetterTopic {
  readonly topic: string;
  readonly group: string;
}

/**
 * Every topic of the contracts with its dead-letter topics. Commands and replies have one consumer, the owner of the topic;
 * facts may be consumed by every service.
 */
export function allTopics(): { name: string; deadLetters: DeadLetterTopic[] }[] {
  const facts = new Set(
    channelMessages
      .map(channelOf)
      .filter(({ kind }) => kind === Channel_Kind.EVENT)
      .map(({ topic }) => topic),
  );
  return topics.map((name) => ({
    name,
    deadLetters: (facts.has(name) ? services : [ownerOf(name)]).map((group) => ({
      topic: deadLetterTopic(name, group),
      group,
    })),
  }));
}

export interface CreateTopicsOptions extends KafkaPlace {
  /** Put before each name; default empty. */
  prefix?: string;
  /** Of each topic; default 12. Dead letters have one: they are few, and stay in order. */
  partitions?: number;
  /** Default 1. */
  replicationFactor?: number;
  /** How long to wait until every partition answers; default 30,000 ms. */
  limitMs?: number;
  onProgress?: (line: string) => void;
}

/**
 * Makes the topics of the contracts that are missing and waits until they can be used. An existing topic is never
 * changed: more partitions would send later messages of a key to another one than the earlier, and lose their order.
 * Rejects when Kafka is away, or with a `KafkaRefusedError`.
 */
export function createTopics(options: CreateTopicsOptions): Promise<void> {
  return orRefused(options, 'make topics', () => createMissing(options));
}

async function createMissing(options: CreateTopicsOptions): Promise<void> {
  const { prefix = '', partitions = 12, replicationFactor = 1, onProgress = () => {} } = options;
  const wanted = allTopics().flatMap(({ name, deadLetters }) => [
    { topic: prefix + name, partitions },
    ...deadLetters.map(({ topic }) => ({ topic: prefix + topic, partitions: 1 })),
  ]);
  const admin = await openAdmin(options);
  try {
    const existing = await admin.partitionCounts();
    const missing = wanted.filter(({ topic }) => !existing.has(topic));
    for (const { topic, partitions: count } of wanted) {
      const found = existing.get(topic) ?? count;
      if (found !== count) onProgress(`topic ${topic} has ${found} partitions, not ${count}: left as it is`);
    }
    const retentionMs = TOPIC_RETENTION_DAYS * DAY_MS;
    await admin.create(missing.map((topic) => ({ ...topic, replicationFactor, retentionMs })));
    await admin.untilUsable(
      wanted.map(({ topic }) => topic),
      options.limitMs ?? 30_000,
    );
    onProgress(`${wanted.length} topics are ready (${missing.length} were new)`);
  } finally {
    await admin.close();
  }
}

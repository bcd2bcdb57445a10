import { setTimeout } from 'node:timers/promises';
import { type Admin, type ITopicMetadata } from 'kafkajs';
import { type KafkaLog, openKafka } from './client.js';

export interface NewTopic {
  topic: string;
  partitions: number;
  replicationFactor: number;
  retentionMs: number;
}

export interface TopicAdmin {
  /** Number of partitions of every topic that exists. */
  partitionCounts(): Promise<Map<string, number>>;
  /** Makes topics; one that exists meanwhile is no error. */
  create(topics: readonly NewTopic[]): Promise<void>;
  waitForLeaders(topics: readonly string[], limitMs: number): Promise<void>;
  close(): Promise<void>;
}

const SILENT: KafkaLog = { warn: () => {}, debug: () => {} };

/** Rejects within seconds when no broker answers. */
export async function openAdmin(brokers: readonly string[]): Promise<TopicAdmin> {
  const admin = openKafka({ brokers, clientId: 'topics', log: SILENT }).admin({ retry: { retries: 2 } });
  await admin.connect();
  return {
    partitionCounts: async () =>
      new Map((await allTopics(admin)).map(({ name, partitions }) => [name, partitions.length])),
    create: (topics) => create(admin, topics),
    waitForLeaders: (topics, limitMs) => waitForLeaders(admin, topics, limitMs),
    close: () => admin.disconnect(),
  };
}

async function create(admin: Admin, topics: readonly NewTopic[]): Promise<void> {
  if (topics.length === 0) return;
  await admin.createTopics({
    // kafkajs' own wait asks one broker once and gives up where KRaft is a moment late.
    waitForLeaders: false,
    topics: topics.map(({ topic, partitions, replicationFactor, retentionMs }) => ({
      topic,
      numPartitions: partitions,
      replicationFactor,
      configEntries: [{ name: 'retention.ms', value: String(retentionMs) }],
    })),
  });
}

async function waitForLeaders(admin: Admin, topics: readonly string[], limitMs: number): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    const ready = new Set((await allTopics(admin)).filter(hasLeaders).map(({ name }) => name));
    const late = topics.filter((topic) => !ready.has(topic));
    if (late.length === 0) return;
    if (Date.now() > end) throw new Error(`${late.length} topics have no leader yet, among them ${late[0]}`);
    await setTimeout(100);
  }
}

function hasLeaders({ partitions }: ITopicMetadata): boolean {
  return partitions.length > 0 && partitions.every(({ leader }) => leader >= 0);
}

async function allTopics(admin: Admin): Promise<ITopicMetadata[]> {
  return (await admin.fetchTopicMetadata()).topics;
}

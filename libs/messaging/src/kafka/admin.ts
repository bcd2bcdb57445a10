import { setTimeout } from 'node:timers/promises';
import { type Admin, type ITopicMetadata } from 'kafkajs';
import { type KafkaPlace, openKafka, SILENT } from './client.js';

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
  /** Resolves when every partition of the topics answers; metadata alone name a leader before it has begun its work. */
  untilUsable(topics: readonly string[], limitMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Rejects within seconds when no broker answers. */
export async function openAdmin({ brokers, security }: KafkaPlace): Promise<TopicAdmin> {
  const admin = openKafka({ brokers, security, clientId: 'topics', log: SILENT }).admin({ retry: { retries: 2 } });
  await admin.connect();
  return {
    partitionCounts: async () =>
      new Map((await allTopics(admin)).map(({ name, partitions }) => [name, partitions.length])),
    create: (topics) => create(admin, topics),
    untilUsable: (topics, limitMs) => untilUsable(admin, topics, Date.now() + limitMs),
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

async function untilUsable(admin: Admin, topics: readonly string[], end: number): Promise<void> {
  const late = new Set(topics);
  while (late.size > 0) {
    const known = (await allTopics(admin)).filter(hasLeaders).map(({ name }) => name);
    for (const topic of known) if (late.has(topic) && (await answers(admin, topic))) late.delete(topic);
    if (late.size === 0) return;
    if (Date.now() > end) throw new Error(`${late.size} topics are not usable yet, among them ${[...late][0]}`);
    await setTimeout(100);
  }
}

function hasLeaders({ partitions }: ITopicMetadata): boolean {
  return partitions.length > 0 && partitions.every(({ leader }) => leader >= 0);
}

async function answers(admin: Admin, topic: string): Promise<boolean> {
  return admin.fetchTopicOffsets(topic).then(
    () => true,
    () => false,
  );
}

async function allTopics(admin: Admin): Promise<ITopicMetadata[]> {
  return (await admin.fetchTopicMetadata()).topics;
}

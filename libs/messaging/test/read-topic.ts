import { randomUUID } from 'node:crypto';
import { until } from '#libs/testing';
import { openAdmin } from '../src/kafka/admin.js';
import { openKafka } from '../src/kafka/client.js';
import { Consumer, type IncomingMessage } from '../src/kafka/consumer.js';

const log = { warn: () => {}, debug: () => {} };

/** Everything that is in a topic now, in the order of each partition. */
export async function readTopic(brokers: readonly string[], topic: string): Promise<IncomingMessage[]> {
  const admin = openKafka({ brokers, clientId: 'test', log }).admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const expected = ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  const messages: IncomingMessage[] = [];
  const consumer = new Consumer({
    brokers,
    clientId: 'test',
    log,
    group: `read-${randomUUID()}`,
    topics: [topic],
    onAssigned: () => {},
    onMessages: (_, batch) => messages.push(...batch),
    onCrash: (error) => {
      throw error;
    },
  });
  await consumer.start();
  await until(() => messages.length >= expected, { what: `${expected} messages of ${topic}`, timeout: 20_000 });
  await consumer.close(5_000);
  return messages;
}

/** Makes topics of one partition. */
export async function makeTopics(brokers: readonly string[], topics: readonly string[]): Promise<void> {
  const admin = await openAdmin({ brokers });
  await admin.create(topics.map((topic) => ({ topic, partitions: 1, replicationFactor: 1, retentionMs: 3_600_000 })));
  await admin.untilUsable(topics, 20_000);
  await admin.close();
}

import { randomBytes } from 'node:crypto';
import { askInfrastructure, textOf } from './infrastructure.js';

export interface TestKafka {
  /** As KAFKA_BROKERS. */
  brokers: string;
  /** Put before each topic name, as KAFKA_TOPIC_PREFIX: no other test file sees these topics. */
  topicPrefix: string;
}

/** The Kafka broker of this jest run, with all topics of the contracts under a prefix of this test file's own. */
export async function testKafka(): Promise<TestKafka> {
  const brokers = textOf(await askInfrastructure('kafka'), 'brokers');
  const topicPrefix = `t${randomBytes(4).toString('hex')}.`;
  // loaded here: tests without Kafka need not load its client
  const { createTopics } = await import('#libs/messaging');
  // Fewer partitions than in production: each file of a run adds all topics to one small broker, which gets slow by them.
  await createTopics({ brokers: brokers.split(','), prefix: topicPrefix, partitions: 4, limitMs: 120_000 });
  return { brokers, topicPrefix };
}

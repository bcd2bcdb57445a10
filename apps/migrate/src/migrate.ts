import { prepareDatabase } from '#libs/database';
import { createTopics, KafkaRefusedError, updateAcls } from '#libs/messaging';
import { kafkaOf } from '#libs/service';
import type { MigrateConfig } from './config.js';
import { isDatabaseAway, patiently } from './patiently.js';

type Say = (line: string) => void;

/**
 * Prepares PostgreSQL and Kafka for the apps of this release: schemas, roles, tables, topics, and the ACLs of the
 * services where KAFKA_USERNAME names an administrator. Safe to repeat and to run twice at once. Rejects when one of them does not come up in time or refuses.
 */
export async function migrate(appsFolder: string, config: MigrateConfig, say: Say): Promise<void> {
  const limitMs = config.MIGRATE_WAIT * 1_000;
  const { topicPrefix, ...kafka } = kafkaOf(config);
  const database = new URL(config.DATABASE_URL);
  await patiently(
    () => prepareDatabase({ adminUrl: config.DATABASE_URL, appsFolder, passwords: config.passwords, onProgress: say }),
    { what: `PostgreSQL at ${database.host}`, limitMs, say, isAway: isDatabaseAway },
  );
  const what = `Kafka at ${config.KAFKA_BROKERS.join(',')}`;
  // All but a wrong password may pass: a cluster that comes up has fewer brokers than replicas at first.
  const inKafka = { what, limitMs, say, isAway: (error: unknown) => !(error instanceof KafkaRefusedError) };
  await patiently(
    () =>
      createTopics({
        ...kafka,
        prefix: topicPrefix,
        replicationFactor: config.KAFKA_REPLICATION_FACTOR,
        onProgress: say,
      }),
    inKafka,
  );
  if (kafka.security?.credentials) {
    await patiently(() => updateAcls({ ...kafka, prefix: topicPrefix, onProgress: say }), inKafka);
  }
}

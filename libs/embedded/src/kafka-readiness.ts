import { Kafka, logLevel } from 'kafkajs';
import type { KafkaIdentities } from './kafka-identities.js';

/**
 * Whether the broker answers a metadata request with itself and a controller, and coordinates consumer groups: an open port
 * alone does not say that. On new data the first look makes it create the topic of offsets.
 */
export async function isServing(brokers: string, identities?: KafkaIdentities): Promise<boolean> {
  const kafka = new Kafka({
    clientId: 'readiness',
    brokers: brokers.split(','),
    connectionTimeout: 1000,
    requestTimeout: 2000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
    ...(identities && { sasl: administratorOf(identities) }),
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    await admin.describeGroups(['readiness']);
    return cluster.brokers.length > 0 && cluster.controller !== null;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function administratorOf({ administrator, passwords }: KafkaIdentities) {
  return { mechanism: 'plain' as const, username: administrator, password: passwords[administrator] ?? '' };
}

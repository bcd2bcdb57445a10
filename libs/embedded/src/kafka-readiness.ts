import { Kafka, logLevel } from 'kafkajs';

/**
 * Whether the broker answers a metadata request with itself and a controller, and coordinates consumer groups: an open port
 * alone does not say that. On new data the first look makes it create the topic of offsets.
 */
export async function isServing(brokers: string): Promise<boolean> {
  const kafka = new Kafka({
    clientId: 'readiness',
    brokers: brokers.split(','),
    connectionTimeout: 1000,
    requestTimeout: 2000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
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

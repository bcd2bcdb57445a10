import { Kafka, logLevel } from 'kafkajs';
import { until } from '#libs/testing';

/**
 * Waits until a group has no members: a consumer that was closed while its broker was away leaves when the broker is
 * back, and must have done so before the test file ends.
 */
export async function leftGroup(brokers: string, group: string): Promise<void> {
  const admin = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  const isEmpty = async () => {
    const { groups } = await admin.describeGroups([group]).catch(() => ({ groups: [] }));
    return groups[0]?.members.length === 0;
  };
  await admin.connect();
  try {
    await until(isEmpty, { what: `the group ${group} to be empty`, timeout: 30_000 });
  } finally {
    await admin.disconnect();
  }
}

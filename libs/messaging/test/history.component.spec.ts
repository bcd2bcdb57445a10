import { randomUUID } from 'node:crypto';
import { testKafka } from '#libs/testing';
import { openKafka } from '../src/kafka/client.js';
import { Consumer } from '../src/kafka/consumer.js';
import { assertGroupEmpty, readSince, rewindGroup } from '../src/kafka/history.js';
import { makeTopics } from './read-topic.js';

const log = { warn: () => {}, debug: () => {} };

describe('the history of topics', () => {
  let brokers: string[];
  const begin = Date.now();
  const topic = `history-${randomUUID()}`;
  const minutesAgo = (minutes: number) => new Date(begin - minutes * 60_000);

  beforeAll(async () => {
    brokers = (await testKafka()).brokers.split(',');
    await makeTopics(brokers, [topic]);
    const producer = openKafka({ brokers, clientId: 'test', log }).producer();
    await producer.connect();
    const at = (minutes: number, value: string) => ({
      key: 'k',
      value,
      timestamp: String(minutesAgo(minutes).getTime()),
    });
    const messages = [at(30, 'first'), at(20, 'second'), at(10, 'third')];
    await producer.send({ topic, messages });
    await producer.disconnect();
  });

  it('is read from a moment on, in order', async () => {
    const read: string[] = [];
    const count = await readSince({ brokers, topics: [topic], since: minutesAgo(20) }, ({ value }) =>
      read.push(String(value)),
    );
    expect(read).toEqual(['second', 'third']);
    expect(count).toBe(2);
  });

  it('has nothing to read after its last message', async () => {
    const since = minutesAgo(5);
    expect(await readSince({ brokers, topics: [topic], since }, () => {})).toBe(0);
  });

  it('comes again to a group that is set back, and never goes forward', async () => {
    const group = `group-${randomUUID()}`;
    await committed(group, 3n);
    expect(await rewindGroup({ brokers }, group, minutesAgo(20))).toEqual([{ topic, messages: 2n }]);
    expect(await rewindGroup({ brokers }, group, minutesAgo(10))).toEqual([]);
    expect(await rewindGroup({ brokers }, group, minutesAgo(30))).toEqual([{ topic, messages: 1n }]);
  });

  it('is not touched while the group has members', async () => {
    const group = `group-${randomUUID()}`;
    const member = await joined(group);
    await expect(assertGroupEmpty({ brokers }, group)).rejects.toThrow(
      `${group} has 1 members: stop the service first`,
    );
    await member.close(5_000);
    await assertGroupEmpty({ brokers }, group);
  });

  /** A group that has committed, and has no members any more. */
  async function committed(group: string, offset: bigint): Promise<void> {
    const member = await joined(group);
    await member.commit([{ topic, partition: 0, offset }]);
    await member.close(5_000);
  }

  async function joined(group: string): Promise<Consumer> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const member = new Consumer({
      ...{ brokers, clientId: 'test', log, group, topics: [topic] },
      onAssigned: () => resolve(),
      onMessages: () => {},
      onFetched: () => {},
      onCrash: reject,
    });
    await member.start();
    await promise;
    return member;
  }
});

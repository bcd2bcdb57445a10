import { randomUUID } from 'node:crypto';
import { testKafka, until } from '#libs/testing';
import { Consumer } from '../src/kafka/consumer.js';
import { GroupLag } from '../src/kafka/group-lag.js';
import { Producer } from '../src/kafka/producer.js';

const log = { warn: () => {}, debug: () => {} };

describe('the lag of a consumer group', () => {
  it('is what the broker holds beyond the commits of the group, also while nobody consumes', async () => {
    const kafka = await testKafka();
    const options = { brokers: kafka.brokers.split(','), clientId: 'lag', log };
    const topic = `${kafka.topicPrefix}users.user.v1`;
    const group = `lag-${randomUUID()}`;
    const producer = new Producer(options);
    const lag = new GroupLag(options, group, [topic]);
    const message = { topic, key: 'one', value: Buffer.from('x'), headers: {} };
    await producer.send([message, message, message]);
    expect(await lag.read()).toEqual(new Map([[topic, 3]]));

    const seen: bigint[] = [];
    const consumer: Consumer = new Consumer({
      ...options,
      group,
      topics: [topic],
      onAssigned: () => {},
      onFetched: () => {},
      onMessages: (_partition, messages) => seen.push(...messages.map(({ offset }) => offset)),
      onCrash: () => {},
    });
    await consumer.start();
    await until(() => seen.length === 3, { what: 'three messages' });
    const { partition } = (await producer.send([message]))[0] ?? { partition: -1 };
    await consumer.commit([{ topic, partition, offset: 3n }]);
    expect(await lag.read()).toEqual(new Map([[topic, 1]]));

    await Promise.all([consumer.close(2_000), producer.close(), lag.close()]);
  });

  it('cannot be told while Kafka is away', async () => {
    const lag = new GroupLag({ brokers: ['127.0.0.1:1'], clientId: 'lag', log }, 'nobody', ['nothing']);
    await expect(lag.read()).rejects.toThrow();
    await lag.close();
  });
});

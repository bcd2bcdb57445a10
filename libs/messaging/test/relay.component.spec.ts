import { randomUUID } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { type UserRegistered, UserRegisteredSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { type TestDatabase, type TestKafka, testKafka, until } from '#libs/testing';
import { MessagingHealth } from '../src/health.js';
import type { IncomingMessage } from '../src/kafka/consumer.js';
import { Producer } from '../src/kafka/producer.js';
import { Outbox } from '../src/outbox.js';
import { insertOutboxRow, outboxBacklog } from '../src/outbox.store.js';
import { Refusals } from '../src/refusals.js';
import { OutboxRelay } from '../src/relay.js';
import { shardOf } from '../src/shards.js';
import type { MessagingTables } from '../src/tables.js';
import { WakeUp } from '../src/wake-up.js';
import { readTopic } from './read-topic.js';
import { shopDatabase } from './shop.js';

const log = { log: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

describe('the relay of the outbox', () => {
  let postgres: TestDatabase;
  let kafka: TestKafka;
  const opened: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    [postgres, kafka] = await Promise.all([shopDatabase(), testKafka()]);
  });

  afterEach(async () => {
    for (const closable of opened.splice(0).reverse()) await closable.close();
    await postgres.close();
  });

  function keep<T extends { close(): Promise<void> }>(closable: T): T {
    opened.push(closable);
    return closable;
  }

  const brokers = () => kafka.brokers.split(',');
  const topic = () => `${kafka.topicPrefix}users.user.v1`;
  const openDatabase = () =>
    keep(new Database<MessagingTables>({ url: postgres.url, applicationName: 'relay', maxConnections: 4 }));

  /** A process of the service, as far as sending goes. */
  function openRelay(producer = new Producer({ brokers: brokers(), clientId: 'relay', log })) {
    const database = openDatabase();
    const wakeUp = new WakeUp('shop', database);
    const health = new MessagingHealth();
    const end = (error: Error) => {
      throw error;
    };
    const refusals = new Refusals({ health, logger: log, end });
    const parts = { database, producer, wakeUp, health, refusals, logger: log };
    // Never by the poll in the time of a test: what is sent was woken up.
    const relay = keep(
      new OutboxRelay({ service: 'shop', topicPrefix: kafka.topicPrefix, pollMs: 60_000, batchSize: 20 }, parts),
    );
    return { relay, database, outbox: new Outbox('shop', database, wakeUp) };
  }

  /** Messages of one key say their number by the seconds of their time. */
  async function publish(
    { database, outbox }: ReturnType<typeof openRelay>,
    userId: string,
    number: number,
  ): Promise<void> {
    await database.transaction(() =>
      outbox.publish(UserRegisteredSchema, { userId, createTime: { seconds: BigInt(number) } }),
    );
  }

  const numbersByKey = (messages: readonly IncomingMessage[]) => {
    const numbers = new Map<string, number[]>();
    for (const { value } of messages) {
      const user: UserRegistered = fromBinary(UserRegisteredSchema, value ?? Buffer.alloc(0));
      const list = numbers.get(user.userId) ?? [];
      list.push(Number(user.createTime?.seconds));
      numbers.set(user.userId, list);
    }
    return numbers;
  };

  it('keeps the order of each key and repeats nothing while two relays share the work', async () => {
    const [one, two] = [openRelay(), openRelay()];
    one.relay.start();
    two.relay.start();
    const keys = Array.from({ length: 40 }, () => randomUUID());
    const count = 25;
    await Promise.all(
      keys.map(async (key, index) => {
        for (let number = 0; number < count; number++) await publish((index + number) % 2 ? one : two, key, number);
      }),
    );
    await until(async () => (await outboxBacklog(one.database.db)).rows === 0, { what: 'the outbox to be empty' });
    const numbers = numbersByKey(await readTopic(brokers(), topic()));
    const inOrder = Array.from({ length: count }, (_, number) => number);
    expect(numbers.size).toBe(keys.length);
    for (const key of keys) expect(numbers.get(key)).toEqual(inOrder);
  });

  it('sends again what a relay sent that died before it could commit', async () => {
    const dying = new Producer({ brokers: brokers(), clientId: 'relay', log });
    const first = openRelay(dying);
    const key = randomUUID();
    await publish(first, key, 1);
    const send = dying.send.bind(dying);
    dying.send = async (messages) => {
      await send(messages);
      throw new Error('killed after Kafka had stored the message');
    };
    await expect(first.relay.drain()).rejects.toThrow('killed');
    expect((await outboxBacklog(first.database.db)).rows).toBe(1);
    const second = openRelay();
    expect(await second.relay.drain()).toBe(1);
    const messages = await readTopic(brokers(), topic());
    expect(numbersByKey(messages).get(key)).toEqual([1, 1]);
    expect(new Set(messages.map(({ headers }) => headers.ce_id)).size).toBe(1);
  });

  it('sends a backlog of one key that is larger than what Kafka takes at once, in order', async () => {
    const { relay, database } = openRelay();
    const key = randomUUID();
    const ids = Array.from({ length: 15 }, () => randomUUID());
    // 1.5 MB, and each row alone far below the limit of a batch.
    const row = { aggregatetype: 'users.user.v1', aggregateid: key, type: 'large', shard: shardOf(key) };
    for (const id of ids) {
      const headers = JSON.stringify({ ce_id: id });
      await insertOutboxRow(database.db, { ...row, id, headers, payload: Buffer.alloc(100_000, id) });
    }
    expect(await relay.drain()).toBe(ids.length);
    const messages = await readTopic(brokers(), topic());
    expect(messages.map(({ headers }) => headers.ce_id)).toEqual(ids);
  });

  it('sends a row that is larger than the limit of a transaction by itself', async () => {
    const { relay, database } = openRelay();
    const keys = [randomUUID(), randomUUID()];
    for (const key of keys) {
      const row = { id: randomUUID(), aggregatetype: 'users.user.v1', aggregateid: key, type: 'large', headers: '{}' };
      await insertOutboxRow(database.db, { ...row, shard: shardOf(key), payload: Buffer.alloc(1_000_000) });
    }
    expect(await relay.drain()).toBe(keys.length);
    expect(await readTopic(brokers(), topic())).toHaveLength(keys.length);
  });

  it('is woken by a commit in another process', async () => {
    const [sender, writer] = [openRelay(), openRelay()];
    sender.relay.start();
    const key = randomUUID();
    await publish(writer, key, 1);
    await until(async () => (await outboxBacklog(writer.database.db)).rows === 0, { what: 'the message to be sent' });
    expect(numbersByKey(await readTopic(brokers(), topic())).get(key)).toEqual([1]);
  });

  it('sends what is left before it closes', async () => {
    const service = openRelay();
    const key = randomUUID();
    await publish(service, key, 1);
    await service.relay.close();
    expect((await outboxBacklog(service.database.db)).rows).toBe(0);
  });

  it('carries the envelope of CloudEvents', async () => {
    const service = openRelay();
    const [key, id] = [randomUUID(), randomUUID()];
    const time = new Date('2026-01-02T03:04:05.678Z');
    await service.database.transaction(() =>
      service.outbox.publish(UserRegisteredSchema, { userId: key }, { id, time }),
    );
    await service.relay.drain();
    const [message] = await readTopic(brokers(), topic());
    expect(message?.key?.toString()).toBe(key);
    expect(message?.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: id,
      ce_type: 'users.UserRegistered.v1',
      ce_source: '/shop',
      ce_subject: key,
      ce_time: '2026-01-02T03:04:05.678Z',
      'content-type': 'application/protobuf',
    });
  });

  it('refuses a message outside of a transaction, and one without key', async () => {
    const { outbox, database } = openRelay();
    await expect(outbox.publish(UserRegisteredSchema, { userId: 'x' })).rejects.toThrow('outside of a transaction');
    await expect(database.transaction(() => outbox.publish(UserRegisteredSchema, {}))).rejects.toThrow(
      'without its key, user_id',
    );
  });
});

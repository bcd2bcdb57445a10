import { randomUUID } from 'node:crypto';
import { Controller, type INestApplication } from '@nestjs/common';
import { type OrderPlaced, OrderPlacedSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { type OwnServer, ownKafka, type TestDatabase, until } from '#libs/testing';
import { createTopics, MessagingHealth, On, Outbox } from '../src/index.js';
import { leftGroup } from './left-group.js';
import { type ShopTables, shopDatabase, shopTables, startShop } from './shop.js';

@Controller()
class Recorder {
  constructor(private readonly database: Database<ShopTables>) {}

  @On(OrderPlacedSchema)
  async placed({ orderId, customerId }: OrderPlaced): Promise<void> {
    await this.database.db.insertInto('effects').values({ key: orderId, message_id: '', note: customerId }).execute();
  }
}

describe('a service whose Kafka goes away', () => {
  let postgres: TestDatabase;
  let kafka: OwnServer & { brokers: string };
  let app: INestApplication | undefined;

  beforeAll(async () => {
    [postgres, kafka] = await Promise.all([shopDatabase(), ownKafka()]);
    await createTopics({ brokers: kafka.brokers.split(','), partitions: 4 });
  });

  afterAll(async () => {
    await app?.close();
    await kafka?.start();
    if (kafka) await leftGroup(kafka.brokers, 'shop');
    await postgres?.close();
  });

  const start = () =>
    startShop({ databaseUrl: postgres.url, brokers: kafka.brokers.split(','), controllers: [Recorder] });

  const publish = (service: INestApplication, orderId: string, number: number) =>
    shopTables(service).transaction(() =>
      service.get(Outbox).publish(OrderPlacedSchema, { orderId, customerId: String(number) }),
    );

  const notes = async (service: INestApplication, orderId: string) =>
    (
      await shopTables(service)
        .db.selectFrom('effects')
        .select('note')
        .where('key', '=', orderId)
        .orderBy('seq')
        .execute()
    ).map(({ note }) => Number(note));

  it('takes orders meanwhile and loses, repeats and reorders none, over a crash of the broker', async () => {
    app = await start();
    const service = app;
    const health = service.get(MessagingHealth);
    await until(() => health.problem() === undefined, { what: 'the service to be ready', timeout: 30_000 });
    const orders = Array.from({ length: 10 }, () => randomUUID());
    const publishAll = async (from: number, to: number) => {
      for (let number = from; number < to; number++) {
        await Promise.all(orders.map((order) => publish(service, order, number)));
      }
    };
    const during = publishAll(0, 20);
    await kafka.kill();
    await during;
    await publishAll(20, 30);
    expect(health.problem()).toBeUndefined();
    await kafka.start();
    await publishAll(30, 35);
    const expected = Array.from({ length: 35 }, (_, number) => number);
    for (const order of orders) {
      const complete = async () => (await notes(service, order)).length >= expected.length;
      await until(complete, { what: `all messages of ${order}`, timeout: 60_000 });
      expect(await notes(service, order)).toEqual(expected);
    }
  });

  it('boots without Kafka, says what it waits for, and begins when Kafka is there', async () => {
    await app?.close();
    await kafka.stop();
    app = await start();
    const service = app;
    const health = service.get(MessagingHealth);
    expect(health.problem()).toMatch(/producer has not been connected|consumer group shop/);
    const order = randomUUID();
    await publish(service, order, 1);
    await kafka.start();
    await until(async () => (await notes(service, order)).length === 1, { what: 'the message', timeout: 60_000 });
    expect(health.problem()).toBeUndefined();
  });

  it('closes within twelve seconds although Kafka is away', async () => {
    await kafka.stop();
    const began = Date.now();
    await app?.close();
    app = undefined;
    expect(Date.now() - began).toBeLessThan(12_000);
  });
});

import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { Controller, type INestApplication } from '@nestjs/common';
import { type OrderPlaced, OrderPlacedSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { type TestDatabase, type TestKafka, testKafka, until } from '#libs/testing';
import { MessagingHealth, On, Outbox } from '../src/index.js';
import { type ShopTables, shopDatabase, shopTables, startShop } from './shop.js';

@Controller()
class Recorder {
  constructor(private readonly database: Database<ShopTables>) {}

  @On(OrderPlacedSchema)
  async placed({ orderId, customerId }: OrderPlaced): Promise<void> {
    if (customerId === 'never ends') await new Promise(() => {});
    // Long enough for messages to be under way when members come and go.
    await setTimeout(5);
    await this.database.db.insertInto('effects').values({ key: orderId, message_id: '', note: customerId }).execute();
  }
}

describe('a consumer group', () => {
  let postgres: TestDatabase;
  let kafka: TestKafka;
  const apps = new Set<INestApplication>();

  beforeEach(async () => {
    [postgres, kafka] = await Promise.all([shopDatabase(), testKafka()]);
  });

  afterEach(async () => {
    await Promise.all([...apps].map(leave));
    await postgres.close();
  });

  async function join(more: Partial<Parameters<typeof startShop>[0]> = {}): Promise<INestApplication> {
    const { brokers, topicPrefix } = kafka;
    const options = { databaseUrl: postgres.url, brokers: brokers.split(','), topicPrefix, controllers: [Recorder] };
    const app = await startShop({ ...options, ...more });
    apps.add(app);
    const health = app.get(MessagingHealth);
    await until(() => health.problem() === undefined, { what: 'the group to be joined', timeout: 30_000 });
    return app;
  }

  async function leave(app: INestApplication): Promise<void> {
    apps.delete(app);
    await app.close();
  }

  const publish = (app: INestApplication, orderId: string, note: string) =>
    shopTables(app).transaction(() => app.get(Outbox).publish(OrderPlacedSchema, { orderId, customerId: note }));

  it('keeps each key in order, with one effect a message, while members join and leave', async () => {
    const writer = await join();
    const orders = Array.from({ length: 30 }, () => randomUUID());
    const count = 40;
    const publishing = Promise.all(
      orders.map(async (order) => {
        for (let number = 0; number < count; number++) await publish(writer, order, String(number));
      }),
    );
    const second = await join();
    const third = await join();
    await leave(second);
    await publishing;
    await leave(third);
    const { db } = shopTables(writer);
    const total = async () => (await db.selectFrom('effects').select('seq').execute()).length;
    await until(async () => (await total()) >= orders.length * count, { what: 'all effects', timeout: 40_000 });
    const expected = Array.from({ length: count }, (_, number) => String(number));
    for (const order of orders) {
      const rows = await db.selectFrom('effects').select('note').where('key', '=', order).orderBy('seq').execute();
      expect(rows.map(({ note }) => note)).toEqual(expected);
    }
  });

  it('is reported as broken when a handler hangs and messages wait', async () => {
    const fatal = Promise.withResolvers<Error>();
    const app = await join({ onFatal: fatal.resolve, consumer: { stallMs: 1_000 } });
    await publish(app, randomUUID(), 'never ends');
    expect((await fatal.promise).message).toMatch(/^1 messages wait and none moved for 1 s/);
    expect(app.get(MessagingHealth).problem()).toMatch(/consumer group shop cannot go on/);
  });
});

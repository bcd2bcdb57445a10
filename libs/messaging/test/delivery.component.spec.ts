import { randomUUID } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { Controller, type INestApplication } from '@nestjs/common';
import { type OrderConfirmed, OrderConfirmedSchema, type OrderPlaced, OrderPlacedSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { type TestDatabase, type TestKafka, testKafka, until } from '#libs/testing';
import { listDeadLetters } from '../src/dead-letter-list.store.js';
import { parkedKeys } from '../src/dead-letters.store.js';
import { cloudEventHeaders } from '../src/envelope.js';
import { type Delivery, MessagingHealth, type MessagingTables, On, Outbox, RetryLater } from '../src/index.js';
import { Producer } from '../src/kafka/producer.js';
import { makeTopics, readTopic } from './read-topic.js';
import { type ShopTables, shopDatabase, shopTables, startShop } from './shop.js';

const tries = new Map<string, number>();
let away = false;

@Controller()
class ShopController {
  constructor(private readonly database: Database<ShopTables>) {}

  @On(OrderPlacedSchema)
  async placed(message: OrderPlaced, delivery: Delivery): Promise<void> {
    tries.set(message.customerId, (tries.get(message.customerId) ?? 0) + 1);
    await this.database.db
      .insertInto('effects')
      .values({ key: message.orderId, message_id: delivery.id, note: message.customerId })
      .execute();
    if (message.customerId === 'poison') throw new Error(`cannot serve ${message.customerId}`);
    if (message.customerId === 'type-error') Object(null).missing.property;
    if (message.customerId === 'rejected-by-database')
      await this.database.db
        .selectFrom('inbox')
        .select('nothing' as 'consumer')
        .execute();
    if (message.customerId === 'needs-provider' && away) throw new RetryLater('the provider is away');
  }

  @On(OrderConfirmedSchema, { inbox: 'manual' })
  async confirmed(message: OrderConfirmed, delivery: Delivery): Promise<void> {
    expect(this.database.inTransaction).toBe(false);
    await delivery.complete(async () => {
      await this.database.db
        .insertInto('effects')
        .values({ key: message.orderId, message_id: delivery.id, note: 'confirmed' })
        .execute();
    });
  }
}

describe('a message between services', () => {
  let postgres: TestDatabase;
  let kafka: TestKafka;
  let app: INestApplication;
  let outsider: Producer;
  const brokers = () => kafka.brokers.split(',');
  const topic = () => `${kafka.topicPrefix}orders.order.v1`;

  beforeAll(async () => {
    [postgres, kafka] = await Promise.all([shopDatabase(), testKafka()]);
    // The dead letters of this group are no part of the contracts.
    await makeTopics(brokers(), [`${topic()}.shop.dlt`]);
    outsider = new Producer({ brokers: brokers(), clientId: 'outsider', log: { warn: () => {}, debug: () => {} } });
    app = await startShop({
      databaseUrl: postgres.url,
      brokers: brokers(),
      topicPrefix: kafka.topicPrefix,
      controllers: [ShopController],
    });
    const health = app.get(MessagingHealth);
    await until(() => health.problem() === undefined, { what: 'the group to be joined', timeout: 30_000 });
  });

  afterAll(async () => {
    await app?.close();
    await outsider?.close();
    await postgres?.close();
  });

  beforeEach(() => tries.clear());

  async function publish(orderId: string, customerId: string, id?: string): Promise<void> {
    const database = shopTables(app);
    await database.transaction(() =>
      app.get(Outbox).publish(OrderPlacedSchema, { orderId, customerId }, id ? { id } : {}),
    );
  }

  const effects = (key: string) =>
    shopTables(app).db.selectFrom('effects').selectAll().where('key', '=', key).orderBy('seq').execute();

  const deadLetters = (key: string) =>
    listDeadLetters(shopTables(app).withTables<MessagingTables>().db, 'shop', {
      ...{ topic: 'orders.order.v1', key, limit: 10 },
    });

  it('has its effect', async () => {
    const order = randomUUID();
    await publish(order, 'customer');
    const [effect] = await until(async () => (await effects(order)).length > 0 && effects(order), {
      what: 'the effect',
    });
    expect(effect).toMatchObject({ key: order, note: 'customer' });
  });

  it('has no effect when the transaction that published it rolls back', async () => {
    const [lost, kept] = [randomUUID(), randomUUID()];
    const database = shopTables(app);
    const rolledBack = database.transaction(async () => {
      await app.get(Outbox).publish(OrderPlacedSchema, { orderId: lost });
      throw new Error('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    await publish(kept, 'after it');
    await until(async () => (await effects(kept)).length === 1, { what: 'the message after it' });
    expect(await effects(lost)).toEqual([]);
  });

  it('has one effect when it is delivered three times', async () => {
    const [order, id] = [randomUUID(), randomUUID()];
    for (let time = 0; time < 3; time++) await publish(order, 'again', id);
    await publish(order, 'the last');
    await until(async () => (await effects(order)).some(({ note }) => note === 'the last'), {
      what: 'the last message',
    });
    expect((await effects(order)).map(({ note }) => note)).toEqual(['again', 'the last']);
    expect(tries.get('again')).toBe(1);
  });

  it.each(['poison', 'type-error', 'rejected-by-database'])(
    'goes to the dead letters after five tries (%s)',
    async (kind) => {
      const [order, other] = [randomUUID(), randomUUID()];
      await publish(order, kind);
      await publish(other, 'healthy');
      await until(async () => (await effects(other)).length === 1, { what: 'another key to go on' });
      await until(async () => (await deadLetters(order)).length === 1, { what: 'the dead letter' });
      expect(tries.get(kind)).toBe(5);
      expect(await effects(order)).toEqual([]);
      const [letter] = (await readTopic(brokers(), `${topic()}.shop.dlt`)).filter(
        ({ key }) => key?.toString() === order,
      );
      expect(letter?.headers).toMatchObject({
        ce_type: 'orders.OrderPlaced.v1',
        dlt_reason: 'failed',
        dlt_attempts: '5',
        dlt_topic: topic(),
        dlt_consumer: 'shop',
      });
      expect(letter?.headers.dlt_error).not.toContain('cannot serve');
      expect(letter?.value).toEqual(
        Buffer.from(toBinary(OrderPlacedSchema, create(OrderPlacedSchema, { orderId: order, customerId: kind }))),
      );
    },
  );

  it('follows an earlier dead letter of its key, in order', async () => {
    const order = randomUUID();
    await publish(order, 'poison');
    await publish(order, 'second');
    await publish(order, 'third');
    await until(async () => (await deadLetters(order)).length === 3, { what: 'three dead letters' });
    expect((await deadLetters(order)).map(({ reason }) => reason)).toEqual(['failed', 'parked', 'parked']);
    expect(tries.has('second')).toBe(false);
    const keys = await parkedKeys(shopTables(app).withTables<MessagingTables>().db, 'shop');
    expect(keys).toContainEqual(expect.objectContaining({ key: order, waiting: 3 }));
    const letters = (await readTopic(brokers(), `${topic()}.shop.dlt`)).filter(({ key }) => key?.toString() === order);
    expect(letters.map(({ headers }) => headers.dlt_reason)).toEqual(['failed', 'parked', 'parked']);
  });

  it('is tried for ever, uncounted, while what its handler needs is away', async () => {
    const order = randomUUID();
    away = true;
    await publish(order, 'needs-provider');
    await until(() => (tries.get('needs-provider') ?? 0) > 6, {
      what: 'more tries than a failure gets',
      timeout: 40_000,
    });
    away = false;
    await until(async () => (await effects(order)).length === 1, { what: 'the effect' });
    expect(await deadLetters(order)).toEqual([]);
  });

  it('has its effect once by a handler with a manual inbox, too', async () => {
    const [order, id] = [randomUUID(), randomUUID()];
    const database = shopTables(app);
    for (let time = 0; time < 2; time++) {
      await database.transaction(() => app.get(Outbox).publish(OrderConfirmedSchema, { orderId: order }, { id: id }));
    }
    await publish(order, 'afterwards');
    await until(async () => (await effects(order)).some(({ note }) => note === 'afterwards'), {
      what: 'the next message',
    });
    expect((await effects(order)).map(({ note }) => note)).toEqual(['confirmed', 'afterwards']);
  });

  it('goes to the dead letters at once when it cannot be decoded', async () => {
    const order = randomUUID();
    const headers = cloudEventHeaders({
      id: randomUUID(),
      type: 'orders.OrderPlaced.v1',
      source: 'x',
      time: new Date(),
      subject: order,
    });
    await outsider.send([{ topic: topic(), key: order, value: Buffer.from([0xff, 0xff, 0xff]), headers }]);
    const [letter] = await until(async () => (await deadLetters(order)).length > 0 && deadLetters(order), {
      what: 'the dead letter',
    });
    expect(letter).toMatchObject({ reason: 'undecodable', attempts: 0 });
  });

  it('is skipped when nobody here handles its type', async () => {
    const order = randomUUID();
    const headers = cloudEventHeaders({
      id: randomUUID(),
      type: 'orders.OrderFramed.v1',
      source: 'x',
      time: new Date(),
      subject: order,
    });
    await outsider.send([{ topic: topic(), key: order, value: Buffer.from([0xff]), headers }]);
    await publish(order, 'known');
    await until(async () => (await effects(order)).length === 1, { what: 'the message after it' });
    expect(await deadLetters(order)).toEqual([]);
  });
});

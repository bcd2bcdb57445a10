import { randomUUID } from 'node:crypto';
import { Controller, type INestApplication } from '@nestjs/common';
import { type OrderConfirmed, OrderConfirmedSchema, type OrderPlaced, OrderPlacedSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { type TestDatabase, type TestKafka, testKafka, until } from '#libs/testing';
import { rememberDeadLetter } from '../src/dead-letters.store.js';
import { DeadLetterOffice, type Delivery, MessagingHealth, On, Outbox } from '../src/index.js';
import type { MessagingTables } from '../src/tables.js';
import { makeTopics } from './read-topic.js';
import { type ShopTables, shopDatabase, shopTables, startShop } from './shop.js';

let broken = true;
let provided = 0;

@Controller()
class ShopController {
  constructor(private readonly database: Database<ShopTables>) {}

  @On(OrderPlacedSchema)
  async placed({ orderId, customerId }: OrderPlaced, delivery: Delivery): Promise<void> {
    await this.note(orderId, customerId, delivery);
    if (broken && customerId === 'first') throw new TypeError('a defect');
  }

  @On(OrderConfirmedSchema, { inbox: 'manual' })
  async confirmed({ orderId }: OrderConfirmed, delivery: Delivery): Promise<void> {
    if (broken) throw new TypeError('a defect');
    provided += 1;
    await delivery.complete(() => this.note(orderId, 'confirmed', delivery));
  }

  private async note(key: string, note: string, { id }: Delivery): Promise<void> {
    await this.database.db.insertInto('effects').values({ key, message_id: id, note }).execute();
  }
}

describe('a dead letter', () => {
  let postgres: TestDatabase;
  let kafka: TestKafka;
  let app: INestApplication;
  let office: DeadLetterOffice;
  let written = 0;
  const alongside = async () => {
    written += 1;
  };

  beforeAll(async () => {
    [postgres, kafka] = await Promise.all([shopDatabase(), testKafka()]);
    const brokers = kafka.brokers.split(',');
    await makeTopics(brokers, [`${kafka.topicPrefix}orders.order.v1.shop.dlt`]);
    app = await startShop({
      ...{ databaseUrl: postgres.url, brokers, topicPrefix: kafka.topicPrefix },
      controllers: [ShopController],
    });
    office = app.get(DeadLetterOffice);
    const health = app.get(MessagingHealth);
    await until(() => health.problem() === undefined, { what: 'the group to be joined', timeout: 60_000 });
  }, 120_000);

  afterAll(async () => {
    await app?.close();
    await postgres?.close();
  });

  beforeEach(() => {
    broken = true;
    provided = 0;
    written = 0;
  });

  async function publish(orderId: string, ...customers: string[]): Promise<void> {
    for (const customerId of customers) {
      await shopTables(app).transaction(() =>
        app.get(Outbox).publish(OrderPlacedSchema, { orderId, customerId }, { id: randomUUID() }),
      );
    }
  }

  const effects = async (key: string) => {
    const rows = await shopTables(app)
      .db.selectFrom('effects')
      .select('note')
      .where('key', '=', key)
      .orderBy('seq')
      .execute();
    return rows.map(({ note }) => note);
  };
  const waiting = (key: string) => office.list({ key, limit: 100 });
  const untilDead = (key: string, count: number) =>
    until(async () => (await waiting(key)).length === count && waiting(key), { what: 'dead letters', timeout: 60_000 });
  const parked = async (key: string) => (await office.parkedKeys()).some((one) => one.key === key);

  async function replay(
    letter: Awaited<ReturnType<typeof waiting>>[number] | undefined,
    inTransaction = alongside,
  ): Promise<void> {
    if (!letter) throw new Error('there is no such letter');
    const reader = await office.open(letter.topic);
    try {
      await office.replay(letter, await reader.read(letter), inTransaction);
    } finally {
      await reader.close();
    }
  }

  it('has its effect once when it is replayed, in the order of its key, and what comes later follows', async () => {
    const order = randomUUID();
    await publish(order, 'first', 'second', 'third');
    const [first, second, third] = await untilDead(order, 3);
    expect(await effects(order)).toEqual([]);
    await expect(replay(second)).rejects.toMatchObject({ code: 'DEAD_LETTER_NOT_FIRST' });
    await expect(replay(first)).rejects.toMatchObject({
      code: 'DEAD_LETTER_FAILED_AGAIN',
      message: expect.stringMatching(/TypeError at .*replay\.component\.spec\.ts/),
    });
    expect([await effects(order), written]).toEqual([[], 0]);
    broken = false;
    for (const letter of [first, second, first]) await replay(letter);
    expect(await parked(order)).toBe(true);
    await replay(third);
    expect([await effects(order), await parked(order)]).toEqual([['first', 'second', 'third'], false]);
    expect(written).toBe(3);
    await publish(order, 'fourth');
    await until(async () => (await effects(order)).length === 4, { what: 'the key to go on', timeout: 60_000 });
  });

  it('that was settled parks its key no more when its message is put aside once more, as after a crash', async () => {
    const order = randomUUID();
    await publish(order, 'first');
    const [letter] = await untilDead(order, 1);
    if (!letter) throw new Error('there is no such letter');
    await office.discard(letter.seq, alongside);
    const { seq: _, ...again } = letter;
    const database = app.get(Database).withTables<MessagingTables>();
    await database.transaction(() => rememberDeadLetter(database.db, again));
    expect([await parked(order), await waiting(order)]).toEqual([false, []]);
  });

  it('has one effect when two operators replay it at the same time', async () => {
    const order = randomUUID();
    await publish(order, 'first');
    const [letter] = await untilDead(order, 1);
    broken = false;
    await Promise.all([replay(letter), replay(letter)]);
    expect([await effects(order), written]).toEqual([['first'], 1]);
  });

  it('is not settled when what is written along with it fails: effect and end are one transaction', async () => {
    const order = randomUUID();
    await publish(order, 'first');
    const [letter] = await untilDead(order, 1);
    broken = false;
    const failing = async () => {
      throw new Error('the audit log is full');
    };
    await expect(replay(letter, failing)).rejects.toMatchObject({ code: 'DEAD_LETTER_FAILED_AGAIN' });
    expect([await effects(order), (await waiting(order)).length, await parked(order)]).toEqual([[], 1, true]);
  });

  it('of a handler that calls the outside world is replayed too, and its effect comes once', async () => {
    const order = randomUUID();
    await shopTables(app).transaction(() => app.get(Outbox).publish(OrderConfirmedSchema, { orderId: order }));
    const [letter] = await untilDead(order, 1);
    await expect(replay(letter)).rejects.toMatchObject({ code: 'DEAD_LETTER_FAILED_AGAIN' });
    broken = false;
    await replay(letter);
    await replay(letter);
    expect([await effects(order), provided, await parked(order)]).toEqual([['confirmed'], 1, false]);
  });

  it('that is discarded never has an effect, and lets the next one of its key come first', async () => {
    const order = randomUUID();
    await publish(order, 'first', 'second');
    const [first, second] = await untilDead(order, 2);
    const seq = first?.seq ?? 0n;
    await expect(office.discard(second?.seq ?? 0n, alongside)).rejects.toMatchObject({ code: 'DEAD_LETTER_NOT_FIRST' });
    await office.discard(seq, alongside);
    await office.discard(seq, alongside);
    broken = false;
    await expect(replay(first)).rejects.toMatchObject({ code: 'DEAD_LETTER_SETTLED' });
    await replay(second);
    await expect(office.discard(second?.seq ?? 0n, alongside)).rejects.toMatchObject({ code: 'DEAD_LETTER_SETTLED' });
    expect([await effects(order), await parked(order)]).toEqual([['second'], false]);
    expect(written).toBe(2);
  });

  it('whose topic forgot it is lost, and says so', async () => {
    const order = randomUUID();
    await publish(order, 'first');
    const [letter] = await untilDead(order, 1);
    if (!letter) throw new Error('there is no letter');
    const reader = await office.open(letter.topic);
    const lost = reader.read({ ...letter, dead_letter_offset: 1_000_000n });
    await expect(lost).rejects.toMatchObject({ code: 'DEAD_LETTER_LOST' });
    await reader.close();
  });
});

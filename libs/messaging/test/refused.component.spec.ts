import { randomUUID } from 'node:crypto';
import { Controller, type INestApplication, type LoggerService } from '@nestjs/common';
import {
  type AuthorizePayment,
  AuthorizePaymentSchema,
  type PaymentAuthorized,
  PaymentAuthorizedSchema,
  PaymentCapturedSchema,
} from '#libs/contracts';
import { Database } from '#libs/database';
import { type SecureKafka, secureKafka, type TestDatabase, until } from '#libs/testing';
import { createTopics, DeadLetterOffice, MessagingHealth, On, Outbox, updateAcls } from '../src/index.js';
import { openAclAdmin } from '../src/kafka/acls.js';
import { KafkaRefusedError } from '../src/kafka/refusal.js';
import { type ShopTables, shopDatabase, shopTables, startShop } from './shop.js';

let broken = true;

@Controller()
class Payments {
  constructor(private readonly outbox: Outbox) {}

  @On(AuthorizePaymentSchema)
  async authorize({ orderId, paymentMethod }: AuthorizePayment): Promise<void> {
    if (paymentMethod === 'poison' && broken) throw new Error('cannot');
    await this.outbox.publish(PaymentAuthorizedSchema, { orderId });
  }
}

@Controller()
class Orders {
  constructor(private readonly database: Database<ShopTables>) {}

  @On(PaymentAuthorizedSchema)
  async authorized({ orderId }: PaymentAuthorized): Promise<void> {
    await this.database.db.insertInto('effects').values({ key: orderId, message_id: '', note: 'paid' }).execute();
  }
}

describe('services with identities, on a broker that keeps to ACLs', () => {
  let kafka: SecureKafka;
  let postgres: TestDatabase[] = [];
  const running: INestApplication[] = [];
  /** Every line of every service, at every level. */
  const lines: string[] = [];

  beforeAll(async () => {
    [kafka, postgres] = await Promise.all([secureKafka(), Promise.all([shopDatabase(), shopDatabase()])]);
    await createTopics({ ...kafka.as('admin'), partitions: 1 });
  });

  afterAll(async () => {
    await Promise.all(running.map((app) => app.close()));
    await kafka?.close();
    await Promise.all(postgres.map((database) => database.close()));
  });

  const note = (message: string) => void lines.push(message);
  const logger: LoggerService = { log: note, warn: note, error: note, debug: note };

  async function start(service: 'orders' | 'payments', more: Partial<Parameters<typeof startShop>[0]> = {}) {
    const app = await startShop({
      ...{ ...kafka.as(service), service, logger },
      databaseUrl: postgres[service === 'orders' ? 0 : 1]?.url ?? '',
      controllers: [service === 'orders' ? Orders : Payments],
      ...more,
    });
    running.push(app);
    return app;
  }

  const problem = (app: INestApplication) => app.get(MessagingHealth).problem();
  const ready = (app: INestApplication) =>
    until(() => problem(app) === undefined, { what: 'the service to be ready', timeout: 60_000 });
  const says = (app: INestApplication, pattern: RegExp) =>
    until(() => pattern.test(problem(app) ?? ''), { what: `a problem like ${pattern}`, timeout: 60_000 });

  const authorize = (app: INestApplication, orderId: string, paymentMethod = 'card') =>
    shopTables(app).transaction(() => app.get(Outbox).publish(AuthorizePaymentSchema, { orderId, paymentMethod }));
  const untilPaid = (app: INestApplication, orderId: string) =>
    until(() => shopTables(app).db.selectFrom('effects').select('seq').where('key', '=', orderId).executeTakeFirst(), {
      what: `the payment of ${orderId}`,
      timeout: 60_000,
    });

  it('are not ready before their rights are granted, say who lacks what, and begin without a new start', async () => {
    const orders = await start('orders');
    await says(
      orders,
      /Kafka does not let User:orders read orders\.replies\.v1 as the group orders \(\w+_AUTHORIZATION_FAILED\): run the migrate job/,
    );
    const order = randomUUID();
    await authorize(orders, order);
    await updateAcls(kafka.as('admin'));
    await ready(orders);
    await start('payments');
    await untilPaid(orders, order);
    expect(lines.filter((line) => line.startsWith('Kafka does not let User:orders read'))).toHaveLength(1);
  });

  it('exchange commands and replies, put messages aside and replay them', async () => {
    const [orders, payments] = running;
    if (!orders || !payments) throw new Error('the services did not start');
    const [good, bad] = [randomUUID(), randomUUID()];
    await authorize(orders, bad, 'poison');
    await authorize(orders, good);
    await untilPaid(orders, good);
    const office = payments.get(DeadLetterOffice);
    const [letter] = await until(
      async () => {
        const found = await office.list({ key: bad, limit: 1 });
        return found.length > 0 && found;
      },
      { what: 'the dead letter', timeout: 60_000 },
    );
    broken = false;
    if (!letter) throw new Error('there is no letter');
    const reader = await office.open(letter.topic);
    await office.replay(letter, await reader.read(letter), async () => {});
    await reader.close();
    await untilPaid(orders, bad);
  });

  it('refuse to write down what the contracts do not let them send', async () => {
    const [orders] = running;
    if (!orders) throw new Error('orders did not start');
    const forged = shopTables(orders).transaction(() =>
      orders.get(Outbox).publish(PaymentCapturedSchema, { orderId: 'x' }),
    );
    await expect(forged).rejects.toThrow('orders may not send store.payments.v1.PaymentCaptured');
  });

  it.each([
    ['the outbox', 'payments.commands.v1', 'write', /Kafka does not let User:orders write payments\.commands\.v1 \(/],
    ['the consumer', 'orders.replies.v1', 'read', /Kafka does not let User:orders read orders\.replies\.v1 as/],
  ] as const)(
    'lose a right of %s while they run: they keep what they have, and go on when it is back',
    async (...row) => {
      const [, name, operation, refusal] = row;
      const [orders] = running;
      if (!orders) throw new Error('orders did not start');
      const admin = await openAclAdmin(kafka.as('admin'));
      const right = { service: 'orders', resource: 'topic', match: 'exactly', name, operation } as const;
      await admin.revoke([right]);
      const order = randomUUID();
      await authorize(orders, order);
      await says(orders, refusal);
      await admin.grant([right]);
      await admin.close();
      await untilPaid(orders, order);
      await ready(orders);
    },
  );

  it('end when their password is not taken, naming the variables', async () => {
    const fatal = Promise.withResolvers<Error>();
    const { brokers, security } = kafka.as('orders');
    const { password } = kafka.as('payments').security?.credentials ?? { password: '' };
    const credentials = { ...security?.credentials, username: 'orders', mechanism: 'plain', password } as const;
    const orders = await start('orders', { brokers, security: { credentials }, onFatal: fatal.resolve });
    const error = await fatal.promise;
    expect(error).toBeInstanceOf(KafkaRefusedError);
    expect(error.message).toBe(
      'Kafka does not take the password of User:orders (SASL_AUTHENTICATION_FAILED): check KAFKA_USERNAME, KAFKA_PASSWORD and KAFKA_SASL_MECHANISM',
    );
    expect(problem(orders)).toBe(error.message);
  });

  it('log no password, at any level', () => {
    const passwords = ['orders', 'payments'].map((name) => kafka.as(name).security?.credentials?.password ?? '');
    expect(passwords.every((password) => password.length > 8)).toBe(true);
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => passwords.some((password) => line.includes(password)))).toEqual([]);
  });
});

import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { Controller, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  ProductCreatedSchema,
  ProductUpdatedSchema,
  StockAdjustedSchema,
  StockClaimedSchema,
  StockHeldSchema,
  StockHoldRejectedSchema,
  StockRanLowSchema,
  StockReleasedSchema,
  StockReservationRejectedSchema,
  StockReservedSchema,
} from '#libs/contracts';
import { Database, DatabaseModule } from '#libs/database';
import { KafkaStrategy, MessagingModule, type MessagingTables, On, Outbox } from '#libs/messaging';
import { type TestDatabase, type TestKafka, testDatabase, until } from '#libs/testing';

type Received = MessageShape<DescMessage>;

/** What inventory has sent, in the order of arrival. */
@Controller()
class Inbound {
  readonly messages: Received[] = [];

  @On(StockReservedSchema)
  async reserved(message: Received): Promise<void> {
    this.messages.push(message);
  }

  @On(StockReservationRejectedSchema)
  async rejected(message: Received): Promise<void> {
    this.messages.push(message);
  }

  @On(StockHeldSchema)
  async held(message: Received): Promise<void> {
    this.messages.push(message);
  }

  @On(StockHoldRejectedSchema)
  async holdRejected(message: Received): Promise<void> {
    this.messages.push(message);
  }

  @On(StockReleasedSchema)
  async released(message: Received): Promise<void> {
    this.messages.push(message);
  }

  @On(StockClaimedSchema)
  async claimed(message: Received): Promise<void> {
    this.messages.push(message);
  }

  @On(ProductCreatedSchema)
  async created(message: Received): Promise<void> {
    this.messages.push(message);
  }

  @On(ProductUpdatedSchema)
  async updated(message: Received): Promise<void> {
    this.messages.push(message);
  }

  @On(StockRanLowSchema)
  async ranLow(message: Received): Promise<void> {
    this.messages.push(message);
  }

  @On(StockAdjustedSchema)
  async adjusted(message: Received): Promise<void> {
    this.messages.push(message);
  }
}

@Module({ controllers: [Inbound] })
class PeerModule {}

/** The other end of inventory's topics: sends commands out of an outbox and takes replies and events, as orders does. */
export class OrdersPeer {
  private constructor(
    private readonly app: INestApplication,
    private readonly database: TestDatabase,
  ) {}

  static async start({ brokers, topicPrefix }: TestKafka): Promise<OrdersPeer> {
    const database = await testDatabase('orders');
    const imports = [
      DatabaseModule.forRoot({ url: database.url, applicationName: 'orders', maxConnections: 8 }),
      MessagingModule.forRoot({ service: 'orders', brokers: brokers.split(','), topicPrefix }),
    ];
    const app = await NestFactory.create({ module: PeerModule, imports }, new FastifyAdapter(), { logger: ['error'] });
    app.connectMicroservice({ strategy: app.get(KafkaStrategy, { strict: false }) }, { inheritAppConfig: false });
    await app.init();
    await app.startAllMicroservices();
    return new OrdersPeer(app, database);
  }

  /** Sends a command; one `id` makes it the same message again. */
  async send<D extends DescMessage>(message: D, value: MessageInitShape<D>, id?: string): Promise<void> {
    const outbox = this.app.get(Outbox, { strict: false });
    const database = this.app.get(Database, { strict: false });
    await database.transaction(() => outbox.publish(message, value, id ? { id } : {}));
  }

  /** Waits until the outbox is empty: everything that was sent is in Kafka. */
  async allSent(): Promise<void> {
    const { db } = this.app.get<Database<MessagingTables>>(Database, { strict: false });
    const empty = async () => !(await db.selectFrom('outbox').select('id').limit(1).executeTakeFirst());
    await until(empty, { what: 'an empty outbox' });
  }

  /** Waits until inventory has sent `count` messages about a key (order id or sku), and returns their short names. */
  async answers(key: string, count: number): Promise<string[]> {
    const about = await this.received(key, count);
    return about.map((message) => message.$typeName.split('.').at(-1) ?? '');
  }

  async received(key: string, count: number): Promise<Received[]> {
    const { messages } = this.app.get(Inbound, { strict: false });
    return until(
      () => {
        const about = messages.filter((message) => keyOf(message) === key);
        return about.length >= count && about;
      },
      { what: `${count} messages about ${key}`, timeout: 30_000 },
    );
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.database.close();
  }
}

function keyOf(message: object): unknown {
  if ('orderId' in message) return message.orderId;
  return 'sku' in message ? message.sku : undefined;
}

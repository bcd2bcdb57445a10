import { create, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { Controller, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import * as contracts from '#libs/contracts';
import { Database, DatabaseModule } from '#libs/database';
import { type Delivery, KafkaStrategy, MessagingHealth, MessagingModule, On, Outbox } from '#libs/messaging';
import { type TestDatabase, type TestKafka, testDatabase, until } from '#libs/testing';

interface Received {
  readonly message: DescMessage;
  readonly value: MessageShape<DescMessage>;
  readonly orderId: string;
  readonly traceId: string | undefined;
}

const received: Received[] = [];

/** What the partner consumes: all commands, and the events of orders. */
const CONSUMED = [
  contracts.ReserveStockSchema,
  contracts.HoldStockSchema,
  contracts.ClaimStockSchema,
  contracts.ReleaseStockSchema,
  contracts.AuthorizePaymentSchema,
  contracts.CapturePaymentSchema,
  contracts.VoidPaymentSchema,
  contracts.RefundPaymentSchema,
  contracts.OrderPlacedSchema,
  contracts.OrderConfirmedSchema,
  contracts.OrderRejectedSchema,
  contracts.OrderCancelledSchema,
  contracts.OrderRefundedSchema,
] as const;

@Controller()
class PartnerHandlers {}

for (const message of CONSUMED) {
  const handle = async (value: MessageShape<typeof message>, { headers }: Delivery) => {
    received.push({ message, value, orderId: value.orderId, traceId: headers.traceparent?.split('-')[1] });
  };
  Object.defineProperty(PartnerHandlers.prototype, message.name, { value: handle, configurable: true, writable: true });
  const descriptor = Object.getOwnPropertyDescriptor(PartnerHandlers.prototype, message.name);
  if (!descriptor) throw new Error(`no handler for ${message.name}`);
  On(message)(PartnerHandlers.prototype, message.name, descriptor);
  Object.defineProperty(PartnerHandlers.prototype, message.name, descriptor);
}

@Module({})
class PartnerModule {}

/** Plays inventory and payments: receives what orders sends over the real broker, and answers what a test tells it to. */
export class Partner {
  private constructor(
    private readonly app: INestApplication,
    private readonly database: TestDatabase,
  ) {}

  static async open(kafka: TestKafka): Promise<Partner> {
    const database = await testDatabase('inventory');
    const module = {
      module: PartnerModule,
      controllers: [PartnerHandlers],
      imports: [
        DatabaseModule.forRoot({ url: database.url, applicationName: 'partner' }),
        MessagingModule.forRoot({
          service: 'partner', // what both of them send
          brokers: kafka.brokers.split(','),
          topicPrefix: kafka.topicPrefix,
        }),
      ],
    };
    const app = await NestFactory.create(module, new FastifyAdapter(), { logger: ['error'], abortOnError: false });
    app.connectMicroservice({ strategy: app.get(KafkaStrategy) }, { inheritAppConfig: false });
    await app.init();
    await app.startAllMicroservices();
    await until(() => !app.get(MessagingHealth).problem(), { what: 'the partner to join its group', timeout: 30_000 });
    return new Partner(app, database);
  }

  /** The message of this type about the order, once it has come. */
  async told<D extends DescMessage>(message: D, orderId: string): Promise<MessageShape<D>> {
    const found = await until(() => this.about(orderId).find((one) => one.message === message), {
      what: `${message.name} of ${orderId}`,
    });
    return create(message, found.value as MessageInitShape<D>);
  }

  /** All messages of this type about the order, as they came. */
  all<D extends DescMessage>(message: D, orderId: string): MessageShape<D>[] {
    const found = this.about(orderId).filter((one) => one.message === message);
    return found.map(({ value }) => create(message, value as MessageInitShape<D>));
  }

  /** Names of all messages about the order, as they came. */
  names(orderId: string): string[] {
    return this.about(orderId).map((one) => one.message.name);
  }

  /** The traces that these messages belong to. */
  traces(orderId: string): (string | undefined)[] {
    return this.about(orderId).map((one) => one.traceId);
  }

  async says<D extends DescMessage>(message: D, value: MessageInitShape<D>, times = 1): Promise<void> {
    const outbox = this.app.get(Outbox);
    await this.app.get(Database).transaction(async () => {
      for (let time = 0; time < times; time += 1) await outbox.publish(message, value);
    });
  }

  async close(): Promise<void> {
    await this.app.get(KafkaStrategy).close();
    await this.app.close();
    await this.database.close();
  }

  private about(orderId: string): Received[] {
    return received.filter((one) => one.orderId === orderId);
  }
}

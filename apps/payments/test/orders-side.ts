import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import { Controller, Module } from '@nestjs/common';
import {
  type PaymentAuthorizationRejected,
  PaymentAuthorizationRejected_Reason,
  PaymentAuthorizationRejectedSchema,
  PaymentAuthorizedSchema,
  PaymentCanceledSchema,
  PaymentCapturedSchema,
  PaymentFailedSchema,
  PaymentSucceededSchema,
  PaymentVoidedSchema,
} from '#libs/contracts';
import { Database, DatabaseModule } from '#libs/database';
import { type Delivery, MessagingModule, On, Outbox } from '#libs/messaging';
import { type Log, loadConfig, type RunningService, serviceEnvironment, startService } from '#libs/service';
import type { TestDatabase, TestKafka } from '#libs/testing';

const received: { orderId: string; what: string }[] = [];

/** Writes down what payments says, in the order of arrival. */
@Controller()
class Ears {
  @On(PaymentAuthorizedSchema)
  async authorized({ orderId }: { orderId: string }, delivery: Delivery): Promise<void> {
    note(orderId, delivery);
  }

  @On(PaymentAuthorizationRejectedSchema)
  async rejected({ orderId, reason }: PaymentAuthorizationRejected, delivery: Delivery): Promise<void> {
    note(orderId, delivery, `(${PaymentAuthorizationRejected_Reason[reason]})`);
  }

  @On(PaymentVoidedSchema)
  async voided({ orderId }: { orderId: string }, delivery: Delivery): Promise<void> {
    note(orderId, delivery);
  }

  @On(PaymentCapturedSchema)
  async captured({ orderId }: { orderId: string }, delivery: Delivery): Promise<void> {
    note(orderId, delivery);
  }

  @On(PaymentSucceededSchema)
  async succeeded({ orderId }: { orderId: string }, delivery: Delivery): Promise<void> {
    note(orderId, delivery);
  }

  @On(PaymentFailedSchema)
  async failed({ orderId }: { orderId: string }, delivery: Delivery): Promise<void> {
    note(orderId, delivery);
  }

  @On(PaymentCanceledSchema)
  async canceled({ orderId }: { orderId: string }, delivery: Delivery): Promise<void> {
    note(orderId, delivery);
  }
}

function note(orderId: string, { type }: Delivery, more = ''): void {
  received.push({ orderId, what: type.replace(/^payments\.(\w+)\.v1$/, '$1') + more });
}

@Module({})
class OrdersSideModule {}

/** The other end of payments' topics: sends commands and hears replies and facts, over the real outbox and broker. */
export class OrdersSide {
  private constructor(private readonly service: RunningService) {}

  static async start(database: TestDatabase, { brokers, topicPrefix }: TestKafka, log: Log): Promise<OrdersSide> {
    const config = loadConfig(serviceEnvironment, {
      OPS_LISTEN: '127.0.0.1:0',
      GRPC_LISTEN: '127.0.0.1:0',
      DATABASE_URL: database.url,
      KAFKA_BROKERS: brokers,
      KAFKA_TOPIC_PREFIX: topicPrefix,
      TRUSTED_CALLERS: 'gateway=http://127.0.0.1:1/',
    });
    const module = {
      module: OrdersSideModule,
      imports: [
        DatabaseModule.forRoot({ url: database.url, applicationName: 'orders' }),
        MessagingModule.forRoot({ service: 'orders', brokers: config.KAFKA_BROKERS, topicPrefix }),
      ],
      controllers: [Ears],
    };
    return new OrdersSide(await startService({ name: 'orders', module, services: [], config }, log));
  }

  /** Sends a message; the same id makes it the same message. */
  async send<D extends DescMessage>(message: D, value: MessageInitShape<D>, id?: string): Promise<void> {
    const outbox = this.service.app.get(Outbox, { strict: false });
    await this.service.app
      .get(Database, { strict: false })
      .transaction(() => outbox.publish(message, value, id ? { id } : {}));
  }

  /** What was heard of an order: `PaymentAuthorized`, `PaymentAuthorizationRejected(DECLINED)`, … */
  heard(orderId: string): string[] {
    return received.filter((message) => message.orderId === orderId).map(({ what }) => what);
  }

  /** All orders of which this was heard, in the order of arrival. */
  ordersThatHeard(what: string): string[] {
    return received.filter((message) => message.what === what).map(({ orderId }) => orderId);
  }

  stop(): Promise<void> {
    return this.service.stop();
  }
}

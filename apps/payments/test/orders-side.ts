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
  PaymentRefundCompletedSchema,
  PaymentRefundedSchema,
  type PaymentRefundRejected,
  PaymentRefundRejected_Reason,
  PaymentRefundRejectedSchema,
  PaymentSucceededSchema,
  PaymentVoidedSchema,
} from '#libs/contracts';
import { Database, DatabaseModule } from '#libs/database';
import { type Delivery, MessagingModule, On, Outbox } from '#libs/messaging';
import { serviceEnvironment } from '#libs/service';
import { type TestKafka, type TestService, testService } from '#libs/testing';

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

  @On(PaymentRefundedSchema)
  async refunded({ orderId }: { orderId: string }, delivery: Delivery): Promise<void> {
    note(orderId, delivery);
  }

  @On(PaymentRefundCompletedSchema)
  async refundCompleted({ orderId }: { orderId: string }, delivery: Delivery): Promise<void> {
    note(orderId, delivery);
  }

  @On(PaymentRefundRejectedSchema)
  async refundRejected({ orderId, reason }: PaymentRefundRejected, delivery: Delivery): Promise<void> {
    note(orderId, delivery, `(${PaymentRefundRejected_Reason[reason]})`);
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
  private constructor(private readonly service: TestService) {}

  static async start({ brokers, topicPrefix }: TestKafka): Promise<OrdersSide> {
    const service = await testService({
      name: 'orders',
      services: [],
      environment: serviceEnvironment,
      env: { KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: topicPrefix },
      module: ({ DATABASE_URL: url }) => ({
        module: OrdersSideModule,
        imports: [
          DatabaseModule.forRoot({ url, applicationName: 'orders' }),
          MessagingModule.forRoot({ service: 'orders', brokers: [brokers], topicPrefix }),
        ],
        controllers: [Ears],
      }),
    });
    return new OrdersSide(service);
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

  close(): Promise<void> {
    return this.service.close();
  }
}

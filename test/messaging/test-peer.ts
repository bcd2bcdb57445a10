import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { Controller, type INestApplication, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Database, DatabaseModule } from '#libs/database';
import { KafkaStrategy, MessagingHealth, MessagingModule, On, Outbox } from '#libs/messaging';
import { type TestDatabase, type TestKafka, testDatabase, until } from '#libs/testing';

export interface PeerOptions {
  /** The service that it stands for: its schema, its consumer group. */
  readonly service: string;
  readonly kafka: TestKafka;
  /** The messages that it takes. */
  readonly hears: readonly DescMessage[];
}

/** Stands for a service in a component test: sends and takes messages over the real outbox, inbox and broker. */
export class TestPeer {
  private constructor(
    private readonly app: INestApplication,
    private readonly database: TestDatabase,
    private readonly taken: readonly MessageShape<DescMessage>[],
  ) {}

  static async start({ service, kafka, hears }: PeerOptions): Promise<TestPeer> {
    const database = await testDatabase(service);
    const taken: MessageShape<DescMessage>[] = [];
    const imports = [
      DatabaseModule.forRoot({ url: database.url, applicationName: service }),
      MessagingModule.forRoot({ service, brokers: kafka.brokers.split(','), topicPrefix: kafka.topicPrefix }),
    ];
    const module = { module: class PeerModule {}, controllers: [ears(hears, taken)], imports };
    const app = await NestFactory.create(module, new FastifyAdapter(), { logger: ['error'], abortOnError: false });
    app.connectMicroservice({ strategy: app.get(KafkaStrategy) }, { inheritAppConfig: false });
    await app.init();
    await app.startAllMicroservices();
    const health = app.get(MessagingHealth);
    await until(() => !health.problem(), { what: `${service} to join its group`, timeout: 60_000 });
    return new TestPeer(app, database, taken);
  }

  /** Sends a message; the same id makes it the same message. */
  async send<D extends DescMessage>(message: D, value: MessageInitShape<D>, id?: string): Promise<void> {
    const outbox = this.app.get(Outbox);
    await this.app.get(Database).transaction(() => outbox.publish(message, value, id ? { id } : {}));
  }

  /** All messages of the type that came so far. */
  heard<D extends DescMessage>(message: D): MessageShape<D>[] {
    return this.taken.filter((one): one is MessageShape<D> => one.$typeName === message.typeName);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.database.close();
  }
}

/** A controller with a handler for each of the messages. */
function ears(hears: readonly DescMessage[], taken: MessageShape<DescMessage>[]): Type {
  class Ears {}
  for (const message of hears) {
    const value = async (content: MessageShape<typeof message>) => void taken.push(content);
    const descriptor = { value, configurable: true, writable: true };
    On(message)(Ears.prototype, message.name, descriptor);
    Object.defineProperty(Ears.prototype, message.name, descriptor);
  }
  Controller()(Ears);
  return Ears;
}

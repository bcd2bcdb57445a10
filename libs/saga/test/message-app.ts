import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { Controller, type INestApplication, type LoggerService, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DatabaseModule } from '#libs/database';
import { KafkaStrategy, MessagingHealth, MessagingModule, On } from '#libs/messaging';
import { type TestKafka, until } from '#libs/testing';

export interface MessageAppOptions {
  readonly service: string;
  readonly databaseUrl: string;
  readonly kafka: TestKafka;
  /** What it consumes. */
  readonly handled: readonly DescMessage[];
  readonly handle: (message: DescMessage, value: MessageShape<DescMessage>) => Promise<void>;
  readonly logger?: LoggerService;
}

@Module({})
class MessageModule {}

/** A process of a service as far as messages go: outbox, relay, and one handler for all that it consumes. */
export async function messageApp(options: MessageAppOptions): Promise<INestApplication> {
  const { service, databaseUrl, kafka, logger } = options;
  const module = {
    module: MessageModule,
    controllers: [handlersOf(options)],
    imports: [
      DatabaseModule.forRoot({ url: databaseUrl, applicationName: service }),
      MessagingModule.forRoot({
        ...{ service, brokers: kafka.brokers.split(','), topicPrefix: kafka.topicPrefix },
        ...(logger && { logger }),
      }),
    ],
  };
  const app = await NestFactory.create(module, new FastifyAdapter(), { logger: false, abortOnError: false });
  app.connectMicroservice({ strategy: app.get(KafkaStrategy) }, { inheritAppConfig: false });
  await app.init();
  await app.startAllMicroservices();
  await until(() => !app.get(MessagingHealth).problem(), { what: `${service} to join its group`, timeout: 60_000 });
  return app;
}

/** As a service ends: it leaves its group, then its relay sends what is left. */
export async function closeMessageApp(app: INestApplication): Promise<void> {
  await app.get(KafkaStrategy).close();
  await app.close();
}

function handlersOf({ handled, handle }: MessageAppOptions): Type {
  @Controller()
  class Handlers {}
  for (const message of handled) {
    const value = (content: MessageShape<DescMessage>) => handle(message, content);
    const descriptor = { value, configurable: true, writable: true };
    Object.defineProperty(Handlers.prototype, message.name, descriptor);
    On(message)(Handlers.prototype, message.name, descriptor);
    Object.defineProperty(Handlers.prototype, message.name, descriptor);
  }
  return Handlers;
}

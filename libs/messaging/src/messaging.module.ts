import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Database } from '#libs/database';
import { DeadLetterOffice } from './dead-letter-office.js';
import { MessagingHealth } from './health.js';
import { InboxPurge } from './inbox-purge.js';
import type { KafkaOptions } from './kafka/client.js';
import { Producer } from './kafka/producer.js';
import { KafkaStrategy } from './kafka.strategy.js';
import { observeBacklog } from './metrics.js';
import type { MessagingOptions } from './options.js';
import { Outbox } from './outbox.js';
import { Refusals } from './refusals.js';
import { OutboxRelay } from './relay.js';
import type { MessagingTables } from './tables.js';
import { WakeUp } from './wake-up.js';

/**
 * Outbox, relay, consumer and their health for one service. Needs `DatabaseModule`. Handlers are `@On` methods of
 * controllers; connect `KafkaStrategy` as a microservice of the application to run them.
 */
@Module({})
export class MessagingModule implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private stopObserving: (() => void) | undefined;

  static forRoot(options: MessagingOptions): DynamicModule {
    const { service } = options;
    const topicPrefix = options.topicPrefix ?? '';
    const logger = options.logger ?? new Logger('messaging');
    const kafka: KafkaOptions = {
      brokers: options.brokers,
      security: options.security,
      clientId: service,
      log: { warn: (line) => logger.warn(line), debug: (line) => logger.debug?.(line) },
    };
    const tables = (database: Database) => database.withTables<MessagingTables>();
    return {
      module: MessagingModule,
      global: true,
      providers: [
        MessagingHealth,
        {
          provide: WakeUp,
          inject: [Database],
          useFactory: (database: Database) => new WakeUp(service, database),
        },
        {
          provide: Outbox,
          inject: [Database, WakeUp],
          useFactory: (database: Database, wakeUp: WakeUp) => new Outbox(service, tables(database), wakeUp),
        },
        {
          provide: Refusals,
          inject: [MessagingHealth],
          useFactory: (health: MessagingHealth) =>
            new Refusals({
              health,
              logger,
              end: (error, exitCode) => (options.onFatal ? options.onFatal(error) : process.exit(exitCode)),
            }),
        },
        {
          provide: OutboxRelay,
          inject: [Database, WakeUp, MessagingHealth, Refusals],
          useFactory: (database: Database, wakeUp: WakeUp, health: MessagingHealth, refusals: Refusals) =>
            new OutboxRelay(
              { service, topicPrefix, ...options.relay },
              { database: tables(database), producer: new Producer(kafka), wakeUp, health, refusals, logger },
            ),
        },
        {
          provide: KafkaStrategy,
          inject: [Database, MessagingHealth, Refusals],
          useFactory: (database: Database, health: MessagingHealth, refusals: Refusals) =>
            new KafkaStrategy(options, { database: tables(database), health, refusals, logger, kafka }),
        },
        {
          provide: DeadLetterOffice,
          inject: [Database, KafkaStrategy],
          useFactory: (database: Database, strategy: KafkaStrategy) =>
            new DeadLetterOffice({ consumer: service, topicPrefix, kafka }, { database: tables(database), strategy }),
        },
        {
          provide: InboxPurge,
          inject: [Database],
          useFactory: (database: Database) =>
            new InboxPurge(tables(database), options.inboxRetentionDays ?? 15, logger),
        },
      ],
      exports: [Outbox, OutboxRelay, KafkaStrategy, MessagingHealth, DeadLetterOffice],
    };
  }

  constructor(
    private readonly database: Database<MessagingTables>,
    private readonly relay: OutboxRelay,
    private readonly strategy: KafkaStrategy,
    private readonly purge: InboxPurge,
  ) {}

  onApplicationBootstrap(): void {
    this.stopObserving = observeBacklog(this.database);
    this.relay.start();
    this.purge.start();
  }

  /** First of all: handlers still find the database and the outbox while they end. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.purge.stop(), this.strategy.close()]);
  }

  /** What the last handlers wrote is sent before the database closes. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopObserving?.();
    await this.relay.close();
  }
}

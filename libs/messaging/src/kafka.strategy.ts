import { setTimeout } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { Channel_Kind, channelOf, ownerOf } from '#libs/contracts';
import type { Database } from '#libs/database';
import { atMost } from './at-most.js';
import { ConsumerLoop } from './consumer.js';
import { DeadLetters } from './dead-letters.js';
import type { Handler } from './decode-message.js';
import type { MessagingHealth } from './health.js';
import type { KafkaOptions } from './kafka/client.js';
import { Consumer, type IncomingMessage } from './kafka/consumer.js';
import { GroupLag } from './kafka/group-lag.js';
import { Producer } from './kafka/producer.js';
import { MessageHandling } from './message-handling.js';
import { observeLag } from './metrics.js';
import { KAFKA, type Subscription } from './on.js';
import type { MessagingOptions } from './options.js';
import type { Refusals } from './refusals.js';
import { replayMessage, type Settle } from './replay.js';
import { groupOf } from './rights.js';
import type { MessagingTables } from './tables.js';

export interface KafkaStrategyParts {
  database: Database<MessagingTables>;
  health: MessagingHealth;
  refusals: Refusals;
  logger: LoggerService;
  kafka: KafkaOptions;
}

/** Time for handlers that run to end, and then for leaving the group. */
const DRAIN_MS = 5_000;
const LEAVE_MS = 1_000;
const RECONNECT_MS = 1_000;
const CONSUMER = 'consumer';

/**
 * Nest's programming model over a consumer that keeps order per key, dead-letters what cannot be handled and never
 * stalls in silence. The group is the service. Connect it with `{ inheritAppConfig: false }`: global guards and filters
 * are about requests.
 */
export class KafkaStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = KAFKA;
  // Otherwise Nest would log a handler's error as unhandled before this class sees it.
  override propagatesEventHandlerErrors = true;
  private consumer: Consumer | undefined;
  private loop: ConsumerLoop | undefined;
  private stopObserving = async () => {};
  private readonly deadLetterProducer: Producer;
  private starting: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();
  private closed: Promise<void> | undefined;

  constructor(
    private readonly options: MessagingOptions,
    private readonly parts: KafkaStrategyParts,
  ) {
    super();
    this.deadLetterProducer = new Producer(parts.kafka);
  }

  /** Fails the boot when a type has two handlers: each would need an inbox of its own. */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    if (this.messageHandlers.has(this.normalizePattern(String(pattern)))) {
      throw new Error(`${String(pattern)} has two @On handlers in ${this.options.service}: let one call both`);
    }
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /** Returns at once; Kafka may come later. `MessagingHealth` tells when the group was joined. */
  listen(callback: (error?: unknown) => void): void {
    const handlers = this.handlers();
    if (handlers.size > 0) {
      this.parts.health.expect(CONSUMER, `the consumer group ${this.options.service} has not been joined yet`);
      this.starting = this.consume(handlers);
    }
    callback();
  }

  close(): Promise<void> {
    this.closed ??= this.stop();
    return this.closed;
  }

  on(event: string): never {
    throw new Error(`KafkaStrategy has no event ${event}`);
  }

  unwrap<T>(): T {
    throw new Error('KafkaStrategy hides its Kafka library');
  }

  /** Hands one message to its handler again, outside the stream of messages: see `replayMessage`. */
  replay(message: IncomingMessage, attempt: number, settle: Settle): Promise<void> {
    const { database } = this.parts;
    const parts = { consumer: this.options.service, handlers: this.handlers(), database, settle };
    return replayMessage(message, attempt, parts);
  }

  private handlers(): Map<string, Handler> {
    const handlers = new Map<string, Handler>();
    for (const [type, handler] of this.messageHandlers) {
      const subscription: Subscription = handler.extras?.subscription;
      handlers.set(type, { ...subscription, call: (message, delivery) => settled(handler(message, delivery)) });
    }
    return handlers;
  }

  private async consume(handlers: Map<string, Handler>): Promise<void> {
    const { service, topicPrefix = '' } = this.options;
    const topics = [...new Set([...handlers.values()].map(({ message }) => topicPrefix + channelOf(message).topic))];
    this.observe(topics);
    while (!this.stopping.signal.aborted) {
      this.open(topics, handlers);
      try {
        await this.consumer?.start();
        this.loop?.start();
        return;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (!this.parts.refusals.noticed(CONSUMER, error)) {
          this.parts.health.expect(CONSUMER, `the consumer group ${service} cannot be joined: ${why}`);
        }
        await this.consumer?.close(LEAVE_MS);
        await this.pause();
      }
    }
  }

  private ownTopics(handlers: Map<string, Handler>): Set<string> {
    const { service, topicPrefix = '' } = this.options;
    const channels = [...handlers.values()].map(({ message }) => channelOf(message));
    const addressed = channels.filter(({ kind, topic }) => kind !== Channel_Kind.EVENT && ownerOf(topic) === service);
    return new Set(addressed.map(({ topic }) => topicPrefix + topic));
  }

  private observe(topics: readonly string[]): void {
    const { service, topicPrefix = '' } = this.options;
    const lag = new GroupLag(this.parts.kafka, groupOf(topicPrefix, service), topics);
    const stop = observeLag(lag);
    // The consumer may be opened anew.
    void this.stopObserving();
    this.stopObserving = () => {
      stop();
      return lag.close();
    };
  }

  private open(topics: readonly string[], handlers: Map<string, Handler>): void {
    const { service, topicPrefix = '', consumer: tuning = {} } = this.options;
    const handling = new MessageHandling(
      {
        consumer: service,
        topicPrefix,
        handlers,
        ownTopics: this.ownTopics(handlers),
        unknownMs: tuning.unknownMs ?? 900_000,
        attempts: tuning.attempts ?? 5,
        retryDelayMs: tuning.retryDelayMs ?? ((failures) => 100 * 3 ** (failures - 1)),
        transactions: tuning.transactions ?? 6,
        onActivity: () => loop.active(),
      },
      { ...this.parts, deadLetters: this.deadLetters(topicPrefix) },
    );
    const consumer = new Consumer({
      ...this.parts.kafka,
      group: groupOf(topicPrefix, service),
      topics,
      onAssigned: () => {
        this.parts.refusals.accepted();
        this.parts.health.reached(CONSUMER);
        loop.assigned();
      },
      onFetched: () => this.parts.refusals.over(CONSUMER),
      onMessages: (partition, messages) => loop.accept(partition, messages),
      onCrash: (error) => this.crashed(error, handlers),
    });
    const loop = new ConsumerLoop(consumer, {
      lanes: tuning.lanes ?? 16,
      stallMs: tuning.stallMs ?? 60_000,
      handle: (message, signal) => handling.handle(message, signal),
      onFatal: (error) => this.fatal(error),
      logger: this.parts.logger,
    });
    this.consumer = consumer;
    this.loop = loop;
  }

  private deadLetters(topicPrefix: string): DeadLetters {
    const { database, refusals } = this.parts;
    return new DeadLetters(this.options.service, {
      database,
      producer: this.deadLetterProducer,
      topicPrefix,
      refusals,
    });
  }

  /** Rights can be granted while we run; everything else needs a new process. */
  private crashed(error: Error, handlers: Map<string, Handler>): void {
    if (this.parts.refusals.noticed(CONSUMER, error)) {
      this.starting = this.starting.then(() => this.reopen(handlers));
    } else this.fatal(error);
  }

  private async reopen(handlers: Map<string, Handler>): Promise<void> {
    await this.loop?.close(DRAIN_MS);
    await this.consumer?.close(LEAVE_MS);
    await this.pause();
    await this.consume(handlers);
  }

  private async pause(): Promise<void> {
    await setTimeout(RECONNECT_MS, undefined, { signal: this.stopping.signal }).catch(() => {});
  }

  private fatal(error: Error): void {
    if (this.stopping.signal.aborted) return;
    const why = `the consumer group ${this.options.service} cannot go on: ${error.message}`;
    this.parts.health.breakDown(why);
    this.parts.logger.error(why);
    if (this.options.onFatal) this.options.onFatal(error);
    // Nothing is lost: what was not committed comes again to the next process.
    else process.exit(1);
  }

  private async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop?.close(DRAIN_MS);
    await this.consumer?.close(LEAVE_MS);
    await this.starting;
    await Promise.all([this.stopObserving(), atMost(LEAVE_MS, this.deadLetterProducer.close())]);
  }
}

/** Nest hands out a value, a promise or an observable, depending on what surrounds the handler. */
async function settled(result: Promise<unknown>): Promise<void> {
  const value = await result;
  if (isObservable(value)) await lastValueFrom(value, { defaultValue: undefined });
}

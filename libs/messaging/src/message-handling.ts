import { setTimeout } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import { type Database, isTransient } from '#libs/database';
import type { Cause, DeadLetters } from './dead-letters.js';
import { type Decoded, decodeMessage, type Handler } from './decode-message.js';
import { type Delivery, RetryLater } from './delivery.js';
import { claim, type InboxState, look } from './inbox.store.js';
import type { IncomingMessage } from './kafka/consumer.js';
import { isKafkaAway } from './kafka/errors.js';
import { countConsumed, measured } from './metrics.js';
import { Permits } from './permits.js';
import { inProcessSpan } from './process-span.js';
import { describeSafely } from './safe-error.js';
import type { MessagingTables } from './tables.js';

export interface MessageHandlingOptions {
  consumer: string;
  topicPrefix: string;
  /** By CloudEvents type. */
  handlers: ReadonlyMap<string, Handler>;
  /** Topics of commands and replies to this service: whatever is in them is for it, or for a newer release of it. */
  ownTopics: ReadonlySet<string>;
  /** How long a message in them waits for a release that knows its type. */
  unknownMs: number;
  attempts: number;
  retryDelayMs: (failures: number) => number;
  transactions: number;
  /** Something moved: a try began or ended. */
  onActivity: () => void;
}

const MAX_AWAY_DELAY_MS = 5_000;
const UNKNOWN_STEP_MS = 500;

/** What becomes of one message: its handler's effect, once, or the dead-letter topic. */
export class MessageHandling {
  private readonly transactions: Permits;

  constructor(
    private readonly options: MessageHandlingOptions,
    private readonly parts: {
      database: Database<MessagingTables>;
      deadLetters: DeadLetters;
      logger: LoggerService;
    },
  ) {
    this.transactions = new Permits(options.transactions);
  }

  /** Resolves when the message needs no more work; rejects only when `signal` was aborted before that. */
  async handle(message: IncomingMessage, signal: AbortSignal): Promise<void> {
    const decoded = decodeMessage(message, this.options.handlers);
    if (decoded === 'skipped' && this.options.ownTopics.has(message.topic)) return this.leaveToNewer(message, signal);
    if (decoded === 'skipped') return countConsumed(undefined, 'skipped');
    if (decoded instanceof Error)
      return this.putAside(message, { reason: 'undecodable', attempts: 0, error: decoded }, signal);
    for (let attempt = 1; ; attempt++) {
      try {
        const once = () => measured(decoded.type, () => this.tryOnce(message, decoded, attempt));
        const state = await this.untilReachable(once, signal);
        if (state === 'parked') return this.putAside(message, { reason: 'parked', attempts: 0 }, signal);
        return countConsumed(decoded.type, state === 'new' ? 'processed' : 'duplicate');
      } catch (error) {
        signal.throwIfAborted();
        countConsumed(decoded.type, 'failed');
        const { attempts, retryDelayMs } = this.options;
        this.parts.logger.warn(
          `${decoded.type} ${decoded.id} failed, attempt ${attempt} of ${attempts}: ${describeSafely(error)}`,
        );
        if (attempt >= attempts) return this.putAside(message, { reason: 'failed', attempts: attempt, error }, signal);
        await setTimeout(retryDelayMs(attempt), undefined, { signal });
        countConsumed(decoded.type, 'retried');
      }
    }
  }

  private tryOnce(message: IncomingMessage, decoded: Decoded, attempt: number): Promise<InboxState> {
    const { consumer, topicPrefix } = this.options;
    const identity = {
      consumer,
      messageId: decoded.id,
      topic: message.topic.slice(topicPrefix.length),
      key: message.key?.toString() ?? '',
    };
    this.options.onActivity();
    return inProcessSpan(message, { ...decoded, consumer, attempt }, async () => {
      const { database } = this.parts;
      const claimed = () => claim(database.db, identity);
      if (decoded.handler.inbox === 'manual') {
        const state = await look(database.db, identity);
        return state === 'new' ? this.callManual(message, { decoded, attempt, claimed }) : state;
      }
      const delivery = this.delivery(message, { decoded, attempt, complete: refuseToComplete });
      return this.transactions.use(() =>
        database.transaction(async () => {
          const state = await claimed();
          if (state === 'new') await decoded.handler.call(decoded.content, delivery);
          return state;
        }),
      );
    });
  }

  private async callManual(
    message: IncomingMessage,
    { decoded, attempt, claimed }: { decoded: Decoded; attempt: number; claimed: () => Promise<InboxState> },
  ): Promise<InboxState> {
    let outcome: InboxState | undefined;
    const complete = (work: () => Promise<void>): Promise<boolean> =>
      this.parts.database.transaction(async () => {
        const state = await claimed();
        if (state === 'new') await work();
        outcome ??= state;
        return state === 'new';
      });
    await decoded.handler.call(decoded.content, this.delivery(message, { decoded, attempt, complete }));
    if (!outcome) throw new Error(`the handler of ${decoded.type} has manual inbox and did not call delivery.complete`);
    return outcome;
  }

  private delivery(
    message: IncomingMessage,
    { decoded, attempt, complete }: { decoded: Decoded; attempt: number; complete: Delivery['complete'] },
  ): Delivery {
    return { id: decoded.id, type: decoded.type, time: decoded.time, attempt, headers: message.headers, complete };
  }

  /**
   * A command or a reply to this service of a type that it does not know: a newer release, which is being rolled out beside
   * it, does. It stays where it is, and those behind it, until a replica of that one has taken over; nobody came: put aside.
   */
  private async leaveToNewer(message: IncomingMessage, signal: AbortSignal): Promise<void> {
    const type = message.headers.ce_type ?? '';
    this.parts.logger.warn(`${type} waits in ${message.topic} for a release that handles it`);
    for (const since = Date.now(); Date.now() - since < this.options.unknownMs; ) {
      this.options.onActivity();
      await setTimeout(UNKNOWN_STEP_MS, undefined, { signal });
    }
    return this.putAside(
      message,
      { reason: 'undecodable', attempts: 0, error: new Error(`nobody handles ${type}`) },
      signal,
    );
  }

  private async putAside(message: IncomingMessage, cause: Cause, signal: AbortSignal): Promise<void> {
    const { deadLetters } = this.parts;
    const position = await this.untilReachable(() => deadLetters.send(message, cause), signal);
    await this.untilReachable(() => deadLetters.remember(message, cause, position), signal);
    const type = message.headers.ce_type ?? 'unknown';
    const known = this.options.handlers.has(type) ? type : undefined;
    countConsumed(known, cause.reason === 'parked' ? 'parked' : 'dead_lettered');
    const origin = `${message.topic}/${message.partition}/${message.offset}`;
    this.parts.logger.error(`${type} at ${origin} is a dead letter now: ${cause.reason}, attempts ${cause.attempts}`);
  }

  /** Tries for ever while only a connection is missing: that says nothing about the message. */
  private async untilReachable<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let failures = 1; ; failures++) {
      signal.throwIfAborted();
      this.options.onActivity();
      try {
        return await work();
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (failures % 20 === 1) this.parts.logger.warn(`A message waits: ${describeSafely(error)}`);
        const delay = Math.min(MAX_AWAY_DELAY_MS, this.options.retryDelayMs(failures)) * (0.5 + Math.random() / 2);
        await setTimeout(delay, undefined, { signal });
      }
    }
  }
}

/** Whether an error says nothing about the message: what it needs is away. */
export function isPassing(error: unknown): boolean {
  return error instanceof RetryLater || isTransient(error) || isKafkaAway(error);
}

/** `delivery.complete` of a handler that runs in its transaction already. */
export async function refuseToComplete(): Promise<boolean> {
  throw new Error(
    'delivery.complete is for handlers with { inbox: "manual" }: this one already runs in its transaction',
  );
}

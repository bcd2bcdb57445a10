import type { Database } from '#libs/database';
import { DomainError, type ErrorCode } from '#libs/errors';
import {
  type DeadLetterFilter,
  findDeadLetter,
  lettersAhead,
  listDeadLetters,
  lockDeadLetter,
} from './dead-letter-list.store.js';
import {
  type DeadLetter,
  markDiscarded,
  markReplayed,
  type ParkedKey,
  parkedKeys,
  unpark,
} from './dead-letters.store.js';
import { claimParked } from './inbox.store.js';
import type { KafkaOptions } from './kafka/client.js';
import type { IncomingMessage } from './kafka/consumer.js';
import { KafkaRefusedError } from './kafka/refusal.js';
import { TopicReader } from './kafka/topic-reader.js';
import type { KafkaStrategy } from './kafka.strategy.js';
import { isPassing } from './message-handling.js';
import { readerGroups } from './rights.js';
import { describeSafely } from './safe-error.js';
import type { MessagingTables } from './tables.js';
import { deadLetterTopic } from './topics.js';

/** Runs in the transaction that settles a dead letter: what must be written with it, or not at all. */
export type Alongside = () => Promise<void>;

/** Reads the content of dead letters from the dead-letter topic of one topic. */
export interface DeadLetterReader {
  /** The message as it was published. Rejects with DEAD_LETTER_LOST when the topic does not keep it any more. */
  read(letter: DeadLetter): Promise<IncomingMessage>;
  close(): Promise<void>;
}

/** Dead letters of this service, for whoever decides what becomes of them. */
export class DeadLetterOffice {
  constructor(
    private readonly options: { readonly consumer: string; readonly topicPrefix: string; readonly kafka: KafkaOptions },
    private readonly parts: { readonly database: Database<MessagingTables>; readonly strategy: KafkaStrategy },
  ) {}

  /** In the order in which they were put aside. */
  list(filter: DeadLetterFilter & { limit: number }): Promise<DeadLetter[]> {
    return listDeadLetters(this.db, this.options.consumer, filter);
  }

  parkedKeys(): Promise<(ParkedKey & { waiting: number; parkedAt: Date })[]> {
    return parkedKeys(this.db, this.options.consumer);
  }

  /** Rejects with DEAD_LETTER_NOT_FOUND. */
  async find(seq: bigint): Promise<DeadLetter> {
    return known(await findDeadLetter(this.db, this.options.consumer, seq), seq);
  }

  /** Waiting letters of the same key that come before this one. */
  ahead(letter: DeadLetter): Promise<number> {
    return lettersAhead(this.db, letter);
  }

  /** Opens the dead-letter topic of `topic`; takes up to seconds. Rejects with UPSTREAM_UNAVAILABLE without Kafka. */
  async open(topic: string): Promise<DeadLetterReader> {
    const { topicPrefix, consumer, kafka } = this.options;
    const reader = await TopicReader.open({
      ...kafka,
      topic: deadLetterTopic(topicPrefix + topic, consumer),
      groups: readerGroups(topicPrefix, consumer),
    }).catch(away);
    return {
      close: () => reader.close(),
      read: async (letter) => {
        const place = { partition: letter.dead_letter_partition, offset: letter.dead_letter_offset };
        const message = await reader.read(place).catch(away);
        if (!message) throw new DomainError('DEAD_LETTER_LOST');
        return asPublished(message, topicPrefix, letter);
      },
    };
  }

  /**
   * Hands the letter to its handler once more; effect, inbox row, end of the letter, release of its key and `alongside`
   * are one transaction. One that was replayed already is left as it is. Rejects, without a trace, with
   * DEAD_LETTER_FAILED_AGAIN, DEAD_LETTER_NOT_FIRST, DEAD_LETTER_SETTLED when it was discarded.
   */
  async replay(letter: DeadLetter, message: IncomingMessage, alongside: Alongside): Promise<void> {
    const settle = (effect: () => Promise<void>) => this.settle(letter.seq, 'replayed', { effect, alongside });
    try {
      await this.parts.strategy.replay(message, letter.attempts + 1, settle);
    } catch (error) {
      if (error instanceof DomainError && DESK_ERRORS.has(error.code)) throw error;
      if (isPassing(error)) return away(error);
      throw new DomainError('DEAD_LETTER_FAILED_AGAIN', {
        message: `It failed again: ${describeSafely(error)}.`,
        cause: error,
      });
    }
  }

  /**
   * Gives the letter up: its inbox row says that it had its effect, which was none. Rejects with DEAD_LETTER_NOT_FIRST, and
   * with DEAD_LETTER_SETTLED when it was replayed.
   */
  discard(seq: bigint, alongside: Alongside): Promise<void> {
    const { database } = this.parts;
    return database.transaction(() => this.settle(seq, 'discarded', { effect: async () => {}, alongside }));
  }

  private async settle(
    seq: bigint,
    as: 'replayed' | 'discarded',
    { effect, alongside }: { effect: () => Promise<void>; alongside: Alongside },
  ): Promise<void> {
    const { consumer } = this.options;
    const letter = known(await lockDeadLetter(this.db, consumer, seq), seq);
    if (as === 'replayed' ? letter.replayed_at : letter.discarded_at) return;
    if (letter.replayed_at || letter.discarded_at) throw new DomainError('DEAD_LETTER_SETTLED');
    if ((await lettersAhead(this.db, letter)) > 0) throw new DomainError('DEAD_LETTER_NOT_FIRST');
    await effect();
    if (as === 'replayed') await markReplayed(this.db, seq);
    else await this.giveUp(letter);
    if (letter.key) await unpark(this.db, { consumer, topic: letter.topic, key: letter.key });
    await alongside();
  }

  private async giveUp({ seq, message_id: messageId }: DeadLetter): Promise<void> {
    if (messageId) await claimParked(this.db, { consumer: this.options.consumer, messageId });
    await markDiscarded(this.db, seq);
  }

  private get db() {
    return this.parts.database.db;
  }
}

/** What the office itself refuses; any other error came from the handler. */
const DESK_ERRORS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'DEAD_LETTER_NOT_FOUND',
  'DEAD_LETTER_NOT_FIRST',
  'DEAD_LETTER_SETTLED',
]);

function known(letter: DeadLetter | undefined, seq: bigint): DeadLetter {
  if (!letter) throw new DomainError('DEAD_LETTER_NOT_FOUND', { message: `There is no dead letter ${seq}.` });
  return letter;
}

/** Without what the dead-letter topic added, at the place it came from. */
function asPublished(message: IncomingMessage, topicPrefix: string, letter: DeadLetter): IncomingMessage {
  const headers = Object.entries(message.headers).filter(([name]) => !name.startsWith('dlt_'));
  const { partition, offset } = letter;
  return { ...message, topic: topicPrefix + letter.topic, partition, offset, headers: Object.fromEntries(headers) };
}

function away(cause: unknown): never {
  throw new DomainError('UPSTREAM_UNAVAILABLE', {
    message:
      cause instanceof KafkaRefusedError
        ? `${cause.message}.`
        : 'Kafka, the database or what the handler needs is away: try again.',
    retryAfterSeconds: 5,
    cause,
  });
}

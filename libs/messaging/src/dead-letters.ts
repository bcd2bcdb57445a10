import type { Database } from '#libs/database';
import { rememberDeadLetter } from './dead-letters.store.js';
import type { IncomingMessage } from './kafka/consumer.js';
import type { Position, Producer } from './kafka/producer.js';
import type { Refusals } from './refusals.js';
import { describeSafely } from './safe-error.js';
import type { DeadLetterReason, MessagingTables } from './tables.js';
import { deadLetterTopic } from './topics.js';

const DEAD_LETTERS = 'dead letters';

export interface Cause {
  reason: DeadLetterReason;
  attempts: number;
  error?: unknown;
}

/** Puts messages aside that cannot be handled, with all that follow them for the same key. */
export class DeadLetters {
  constructor(
    private readonly consumer: string,
    private readonly parts: {
      database: Database<MessagingTables>;
      producer: Producer;
      topicPrefix: string;
      refusals: Refusals;
    },
  ) {}

  /**
   * Sends the message as it is to the dead-letter topic, with headers that tell where it came from and why. Rejects when
   * Kafka is away or refuses.
   */
  async send(message: IncomingMessage, cause: Cause): Promise<Position> {
    const topic = deadLetterTopic(message.topic, this.consumer);
    const letter = { topic, key: message.key, value: message.value, headers: headers(message, this.consumer, cause) };
    const { producer, refusals } = this.parts;
    const [position] = await producer.send([letter]).catch((error: unknown) => {
      refusals.noticed(DEAD_LETTERS, error);
      throw error;
    });
    refusals.over(DEAD_LETTERS);
    return position ?? { topic, partition: -1, offset: -1n };
  }

  /** Notes where the message lies and parks its key. Rejects when the database is away. */
  async remember(message: IncomingMessage, { reason, attempts, error }: Cause, position: Position): Promise<void> {
    const { database, topicPrefix } = this.parts;
    await database.transaction(() =>
      rememberDeadLetter(database.db, {
        consumer: this.consumer,
        topic: message.topic.slice(topicPrefix.length),
        partition: message.partition,
        offset: message.offset,
        key: message.key?.toString() ?? null,
        message_id: message.headers.ce_id ?? null,
        type: message.headers.ce_type ?? null,
        reason,
        error: error === undefined ? null : describeSafely(error),
        attempts,
        dead_letter_partition: position.partition,
        dead_letter_offset: position.offset,
      }),
    );
  }
}

function headers(
  message: IncomingMessage,
  consumer: string,
  { reason, attempts, error }: Cause,
): Record<string, string> {
  return {
    ...message.headers,
    dlt_reason: reason,
    dlt_consumer: consumer,
    dlt_topic: message.topic,
    dlt_partition: String(message.partition),
    dlt_offset: String(message.offset),
    dlt_attempts: String(attempts),
    dlt_time: new Date().toISOString(),
    ...(error === undefined ? {} : { dlt_error: describeSafely(error) }),
  };
}

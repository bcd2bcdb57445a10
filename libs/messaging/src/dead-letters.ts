import type { Database } from '#libs/database';
import { rememberDeadLetter } from './dead-letters.store.js';
import type { IncomingMessage } from './kafka/consumer.js';
import type { Producer } from './kafka/producer.js';
import { describeSafely } from './safe-error.js';
import type { DeadLetterReason, MessagingTables } from './tables.js';
import { deadLetterTopic } from './topics.js';

export interface Cause {
  reason: DeadLetterReason;
  attempts: number;
  error?: unknown;
}

/** Puts messages aside that cannot be handled, with all that follow them for the same key. */
export class DeadLetters {
  constructor(
    private readonly consumer: string,
    private readonly parts: { database: Database<MessagingTables>; producer: Producer; topicPrefix: string },
  ) {}

  /**
   * Sends the message as it is to the dead-letter topic, with headers that tell where it came from and why, then parks
   * its key. Rejects when Kafka or the database is away; may be repeated then.
   */
  async add(message: IncomingMessage, { reason, attempts, error }: Cause): Promise<void> {
    const text = error === undefined ? null : describeSafely(error);
    const topic = deadLetterTopic(message.topic, this.consumer);
    const [position] = await this.parts.producer.send([
      {
        topic,
        key: message.key,
        value: message.value,
        headers: headers(message, { reason, attempts, text, consumer: this.consumer }),
      },
    ]);
    await rememberDeadLetter(this.parts.database.db, {
      consumer: this.consumer,
      topic: message.topic.slice(this.parts.topicPrefix.length),
      partition: message.partition,
      offset: message.offset,
      key: message.key?.toString() ?? null,
      message_id: message.headers.ce_id ?? null,
      type: message.headers.ce_type ?? null,
      reason,
      error: text,
      attempts,
      dead_letter_partition: position?.partition ?? -1,
      dead_letter_offset: position?.offset ?? -1n,
    });
  }
}

function headers(
  message: IncomingMessage,
  {
    reason,
    attempts,
    text,
    consumer,
  }: { reason: DeadLetterReason; attempts: number; text: string | null; consumer: string },
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
    ...(text === null ? {} : { dlt_error: text }),
  };
}

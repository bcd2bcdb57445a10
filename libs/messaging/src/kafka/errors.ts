// Not by name: Node finds only some of the names that this CommonJS package exports.
import kafkajs from 'kafkajs';

/** Kafka did not answer within the time that we give it. */
export class KafkaTimeoutError extends Error {
  override readonly name = 'KafkaTimeoutError';
}

/** Whether an error came from the way to Kafka, which comes back by itself. */
export function isKafkaAway(error: unknown): boolean {
  return error instanceof kafkajs.KafkaJSError || error instanceof KafkaTimeoutError;
}

// Not by name: Node finds only some of the names that this CommonJS package exports.
import kafkajs from 'kafkajs';
import { KafkaRefusedError } from './refusal.js';

/** Kafka did not answer within the time that we give it. */
export class KafkaTimeoutError extends Error {
  override readonly name = 'KafkaTimeoutError';
}

/** Whether an error came from the way to Kafka, which comes back by itself, or from rights that are missing there. */
export function isKafkaAway(error: unknown): boolean {
  return (
    error instanceof KafkaRefusedError || error instanceof kafkajs.KafkaJSError || error instanceof KafkaTimeoutError
  );
}

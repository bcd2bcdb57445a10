import { KafkaJSError } from 'kafkajs';

/** Whether an error came from the connection to Kafka, which comes back by itself. */
export function isKafkaAway(error: unknown): boolean {
  return error instanceof KafkaJSError;
}

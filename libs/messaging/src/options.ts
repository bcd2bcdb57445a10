import type { LoggerService } from '@nestjs/common';
import type { KafkaPlace } from './kafka/client.js';

/** What a service says about its messages; everything else has a default. */
export interface MessagingOptions extends KafkaPlace {
  /** Name of the service: consumer group, source of its events, part of lock keys. */
  service: string;
  /** Put before the name of each topic and group, e.g. by tests that share a broker; default empty. */
  topicPrefix?: string;
  /**
   * Called when the consumer cannot go on, or Kafka does not take our password: the process should end and be started
   * again. Default: log and exit with 1, or with 78 when Kafka never took the password.
   */
  onFatal?: (error: Error) => void;
  logger?: LoggerService;
  relay?: { pollMs?: number; batchSize?: number };
  consumer?: {
    /** Messages of a partition that are handled at the same time; default 16. */
    lanes?: number;
    /** Handlers at the same time that hold a database transaction: fewer than connections in the pool; default 6. */
    transactions?: number;
    /** Failures of a handler until its message is dead-lettered; default 5. */
    attempts?: number;
    /** Wait before the try after the n-th failure; default 100 ms · 3^(n-1); at most 5 s while something is away. */
    retryDelayMs?: (failures: number) => number;
    /** How long a command or reply of a type that this release does not know waits for another one; default 900,000. */
    unknownMs?: number;
    /** No message moved for so long although some wait: `onFatal`; default 60,000. */
    stallMs?: number;
  };
  /** Must be longer than the retention of a topic and its dead letters together; default 15. */
  inboxRetentionDays?: number;
}

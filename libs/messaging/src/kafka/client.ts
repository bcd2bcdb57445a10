import { createRequire } from 'node:module';
import { Kafka, type LogEntry, logLevel } from 'kafkajs';
import { keepRefusals } from './lost-refusals.js';
import { clientSecurity, type KafkaSecurity } from './security.js';

/** Where the library's own log lines go. */
export interface KafkaLog {
  warn(message: string): void;
  debug(message: string): void;
}

export const SILENT: KafkaLog = { warn: () => {}, debug: () => {} };

/** Where the brokers are and who we are to them. */
export interface KafkaPlace {
  readonly brokers: readonly string[];
  /** Default: no credentials, in clear. */
  readonly security?: KafkaSecurity | undefined;
}

export interface KafkaOptions extends KafkaPlace {
  readonly clientId: string;
  readonly log: KafkaLog;
}

/** kafkajs stays behind this folder: nothing else of the project imports it. */
export function openKafka({ brokers, security = {}, clientId, log }: KafkaOptions): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ...clientSecurity(security),
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => forward(log, entry),
  });
}

// The library calls each failed request an error and tries it again; what a person should know is that a consumer gave up.
function forward(log: KafkaLog, { namespace, level, log: entry }: LogEntry): void {
  const line = `kafka ${namespace}: ${entry.message}${'error' in entry ? ` (${String(entry.error)})` : ''}`;
  if (namespace === 'Consumer' && level === logLevel.ERROR) log.warn(line);
  else log.debug(line);
}

interface RequestQueue {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs sets a timer after each response although nothing is pending, with a negative time since it is not throttled:
 * Node ≥ 22 answers with TimeoutNegativeWarning (https://github.com/tulios/kafkajs/issues/1751). Only ask when something
 * is pending.
 */
function silenceIdleTimers(): void {
  const load = createRequire(import.meta.url);
  const { prototype }: { prototype: RequestQueue } = load('kafkajs/src/network/requestQueue');
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function checkWhenPending() {
    if (this.pending.length > 0) schedule.call(this);
  };
}

silenceIdleTimers();
keepRefusals();

import { setTimeout as delay } from 'node:timers/promises';
import type { LoggerService } from '@nestjs/common';
import type { Database } from '#libs/database';
import { atMost } from './at-most.js';
import type { MessagingHealth } from './health.js';
import type { Producer } from './kafka/producer.js';
import { countPublished } from './metrics.js';
import { deleteRows, lockShards, type OutboxRow, oldestRows } from './outbox.store.js';
import { PublishSpans } from './publish-spans.js';
import type { Refusals } from './refusals.js';
import type { MessagingTables } from './tables.js';
import type { WakeUp } from './wake-up.js';

export interface RelayOptions {
  service: string;
  topicPrefix: string;
  /** Also looks without being woken, so often; default 750 ms. */
  pollMs?: number;
  /** Rows per shard and transaction, at most; default 200. */
  batchSize?: number;
}

const BATCH_SIZE = 200;
/**
 * Of one transaction. All rows for a partition travel as one batch, and a broker refuses batches above 1 MiB
 * (message.max.bytes): a backlog that is sent as it is would never get through.
 */
const BATCH_BYTES = 900_000;
const MAX_BACKOFF_MS = 5_000;
const DISCONNECT_MS = 1_000;
const PRODUCER = 'producer';
const OUTBOX = 'outbox';

/**
 * Sends what the outbox holds, oldest first, and deletes it. Any number of relays may run: each part of the outbox is
 * sent by one of them at a time, so the order of a key holds. A crash between sending and deleting sends again.
 */
export class OutboxRelay {
  private readonly spans: PublishSpans;
  private running: Promise<void> | undefined;
  private readonly stopping = new AbortController();
  private failures = 0;

  constructor(
    private readonly options: RelayOptions,
    private readonly parts: {
      database: Database<MessagingTables>;
      producer: Producer;
      wakeUp: WakeUp;
      health: MessagingHealth;
      refusals: Refusals;
      logger: LoggerService;
    },
  ) {
    this.spans = new PublishSpans(options.topicPrefix);
  }

  start(): void {
    if (this.running) return;
    this.parts.health.expect(PRODUCER, 'the Kafka producer has not been connected yet');
    this.parts.wakeUp.start();
    this.running = this.run();
  }

  /** Sends what is there, for `limitMs` at most, and stops. What is left is sent after the next start. */
  async close(limitMs = 2_000): Promise<void> {
    this.stopping.abort();
    await this.parts.wakeUp.close();
    await atMost(limitMs, this.finish());
    this.spans.endAll();
    await atMost(DISCONNECT_MS, this.parts.producer.close());
  }

  /** Sends until nothing is left that this relay may send. Resolves to the number of messages; rejects when a send fails. */
  async drain(): Promise<number> {
    let total = 0;
    for (;;) {
      const sent = await this.sendOnce();
      if (sent === 0) return total;
      total += sent;
    }
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        await this.connect();
        await this.drain();
        this.recovered();
        await this.parts.wakeUp.wait(this.options.pollMs ?? 750);
      } catch (error) {
        await this.failed(error);
      }
    }
  }

  private async connect(): Promise<void> {
    if (this.parts.producer.isConnected) return;
    await this.parts.producer.connect();
    this.parts.refusals.accepted();
    this.parts.health.reached(PRODUCER);
  }

  private async finish(): Promise<void> {
    await this.running;
    await this.drain().catch(() => {});
  }

  /** One transaction: without Kafka's answer it rolls back after the producer's time limit, and the rows stay. */
  private sendOnce(): Promise<number> {
    const { database } = this.parts;
    return database.transaction(async () => {
      const shards = await lockShards(database.db, this.options.service);
      if (shards.length === 0) return 0;
      const perShard = this.options.batchSize ?? BATCH_SIZE;
      const rows = await oldestRows(database.db, shards, { perShard, bytes: BATCH_BYTES });
      if (rows.length === 0) return 0;
      await this.send(rows);
      await deleteRows(database.db, rows);
      return rows.length;
    });
  }

  private async send(rows: readonly OutboxRow[]): Promise<void> {
    await this.parts.producer.send(
      rows.map((row) => ({
        topic: this.options.topicPrefix + row.aggregatetype,
        key: row.aggregateid,
        value: Buffer.from(row.payload),
        headers: { ...row.headers, ...this.spans.start(row) },
      })),
    );
    this.spans.end(rows);
    countPublished(rows.map(({ type }) => type));
  }

  private recovered(): void {
    this.parts.refusals.over(OUTBOX);
    if (this.failures > 0) this.parts.logger.log('The outbox is being sent again');
    this.failures = 0;
  }

  // Waits without listening to the wake-up: new rows make neither Kafka nor the database come back.
  private async failed(error: unknown): Promise<void> {
    this.failures += 1;
    const refused = this.parts.refusals.noticed(OUTBOX, error);
    if (this.failures === 1 && !refused)
      this.parts.logger.warn(`The outbox cannot be sent, it keeps its messages: ${String(error)}`);
    const pause = Math.min(MAX_BACKOFF_MS, 100 * 2 ** this.failures) * (0.5 + Math.random() / 2);
    await delay(pause, undefined, { signal: this.stopping.signal }).catch(() => {});
  }
}

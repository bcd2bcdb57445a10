import { randomUUID } from 'node:crypto';
import type { Consumer as KafkaConsumer } from 'kafkajs';
import { atMost } from '../at-most.js';
import { type KafkaOptions, openKafka } from './client.js';
import { type IncomingMessage, incoming, type TopicPartition } from './consumer.js';
import { KafkaTimeoutError } from './errors.js';
import { explainRefusal, orRefused } from './refusal.js';

/** Joining a group may take 3 s where the broker waits for more members. */
const LIMIT_MS = 20_000;
const LEAVE_MS = 2_000;

interface Wanted {
  readonly partition: number;
  readonly offset: bigint;
  readonly found: (message: IncomingMessage) => void;
}

export interface TopicReaderOptions extends KafkaOptions {
  readonly topic: string;
  /** The group of each reader begins so. */
  readonly groups: string;
}

/**
 * Reads single messages of a topic by their place, without moving anybody's offsets. kafkajs reads as a member of a
 * group only, so each reader has one of its own, which is deleted with it.
 */
export class TopicReader {
  private readonly group: string;
  private readonly consumer: KafkaConsumer;
  private readonly joined = Promise.withResolvers<void>();
  private readonly crashed = Promise.withResolvers<never>();
  private ends = new Map<number, { low: bigint; high: bigint }>();
  private wanted: Wanted | undefined;

  private constructor(private readonly options: TopicReaderOptions) {
    this.group = options.groups + randomUUID();
    this.consumer = openKafka(options).consumer({
      groupId: this.group,
      maxWaitTimeInMs: 250,
      allowAutoTopicCreation: false,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    this.consumer.on('consumer.group_join', () => this.joined.resolve());
    this.consumer.on('consumer.crash', ({ payload }) =>
      this.crashed.reject(explainRefusal(payload.error, options, this.attempt)),
    );
    this.crashed.promise.catch(() => {}); // told to whoever waits
  }

  /** Rejects when Kafka is away or refuses, or the topic does not exist. */
  static async open(options: TopicReaderOptions): Promise<TopicReader> {
    const reader = new TopicReader(options);
    try {
      await orRefused(options, reader.attempt, () => inTime(reader.start()));
      return reader;
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /** The message at this place; undefined when the topic does not keep it any more. One read at a time. */
  async read({ partition, offset }: { partition: number; offset: bigint }): Promise<IncomingMessage | undefined> {
    const end = this.ends.get(partition);
    if (!end || offset < end.low || offset >= end.high) return undefined;
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
    this.wanted = { partition, offset, found: resolve };
    this.consumer.seek({ topic: this.topic, partition, offset: String(offset) });
    this.consumer.resume([{ topic: this.topic }]);
    return inTime(Promise.race([promise, this.crashed.promise]));
  }

  /** Leaves nothing behind; gives up after 2 s where the broker is away. */
  async close(): Promise<void> {
    const quiet = async () => {
      await this.consumer.disconnect();
      const admin = openKafka(this.options).admin({ retry: { retries: 1 } });
      await admin.connect();
      await admin.deleteGroups([this.group]).finally(() => admin.disconnect());
    };
    await atMost(
      LEAVE_MS,
      quiet().catch(() => {}),
    );
  }

  private get topic(): string {
    return this.options.topic;
  }

  private get attempt(): string {
    return `read ${this.topic} as the group ${this.group}`;
  }

  private async start(): Promise<void> {
    await this.readEnds();
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [this.topic], fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, isStale }) => {
        if (isStale()) return; // fetched before the last seek
        const place = { topic: this.topic, partition: batch.partition };
        for (const message of batch.messages) this.hand(incoming(place, message));
      },
    });
    await Promise.race([this.joined.promise, this.crashed.promise]);
    this.consumer.pause([{ topic: this.topic }]);
  }

  private hand(message: IncomingMessage & TopicPartition): void {
    if (message.partition !== this.wanted?.partition || message.offset !== this.wanted.offset) return;
    this.consumer.pause([{ topic: this.topic }]);
    this.wanted.found(message);
    this.wanted = undefined;
  }

  private async readEnds(): Promise<void> {
    const admin = openKafka(this.options).admin({ retry: { retries: 2 } });
    await admin.connect();
    try {
      const ends = await admin.fetchTopicOffsets(this.topic);
      this.ends = new Map(
        ends.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]),
      );
    } finally {
      await admin.disconnect();
    }
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new KafkaTimeoutError('Kafka did not answer in time')), LIMIT_MS);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

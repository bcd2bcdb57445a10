import type { Consumer as KafkaConsumer, KafkaMessage } from 'kafkajs';
import { atMost } from '../at-most.js';
import { type KafkaOptions, openKafka } from './client.js';
import { explainRefusal, orRefused } from './refusal.js';

export interface IncomingMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface ConsumerOptions extends KafkaOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** The partitions of this member from now on; what came before is void and comes again from the committed offsets. */
  readonly onAssigned: (partitions: readonly TopicPartition[]) => void;
  /** Messages of one partition, in order. Returns at once: fetching and heartbeats go on meanwhile. */
  readonly onMessages: (partition: TopicPartition, messages: readonly IncomingMessage[]) => void;
  /** Kafka let us read, though there may have been nothing; many times a second. */
  readonly onFetched?: () => void;
  /** The consumer is dead and will not come back by itself; a `KafkaRefusedError` when it was refused. */
  readonly onCrash: (error: Error) => void;
}

/**
 * A member of a consumer group. Offsets are committed by `commit` alone.
 *
 * kafkajs fetches again only when every batch of the last fetch was dealt with, so a slow message would hold up all
 * partitions; therefore `onMessages` takes messages without working on them, and `pause` keeps the number bounded.
 */
export class Consumer {
  private readonly consumer: KafkaConsumer;
  private assigned: readonly TopicPartition[] = [];
  private closed = false;

  constructor(private readonly options: ConsumerOptions) {
    this.consumer = openKafka(options).consumer({
      groupId: options.group,
      // With the defaults, a dead member would hold up its partitions for half a minute.
      sessionTimeout: 10_000,
      heartbeatInterval: 1_000,
      rebalanceTimeout: 15_000,
      maxWaitTimeInMs: 250,
      allowAutoTopicCreation: false,
      // After about 12 s the consumer gives up and starts anew with fresh connections, unless it was closed meanwhile.
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 10, restartOnFailure: async () => !this.closed },
    });
    this.consumer.on('consumer.group_join', ({ payload }) => this.joined(payload.memberAssignment));
    this.consumer.on('consumer.crash', ({ payload }) => {
      if (!payload.restart && !this.closed) options.onCrash(this.explained(payload.error));
    });
    this.consumer.on('consumer.fetch', () => options.onFetched?.());
  }

  /** Rejects when Kafka is away or refuses, or a topic is missing; may be called again. */
  start(): Promise<void> {
    return orRefused(this.options, this.wanted, () => this.run());
  }

  private async run(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 16,
      eachBatch: async ({ batch: { topic, partition, messages } }) =>
        this.options.onMessages(
          { topic, partition },
          messages.map((message) => incoming({ topic, partition }, message)),
        ),
    });
  }

  pause({ topic, partition }: TopicPartition): void {
    this.consumer.pause([{ topic, partitions: [partition] }]);
  }

  resume({ topic, partition }: TopicPartition): void {
    this.consumer.resume([{ topic, partitions: [partition] }]);
  }

  /** `offset` is the next one to be read. */
  async commit(offsets: readonly (TopicPartition & { offset: bigint })[]): Promise<void> {
    await this.consumer.commitOffsets(offsets.map((entry) => ({ ...entry, offset: String(entry.offset) })));
  }

  /** Messages of the assigned partitions that are not committed, as the broker counts them. */
  async lag(): Promise<bigint> {
    const admin = openKafka(this.options).admin({ retry: { retries: 1 } });
    await admin.connect();
    try {
      let lag = 0n;
      const topics = [...new Set(this.assigned.map(({ topic }) => topic))];
      const committed = await admin.fetchOffsets({ groupId: this.options.group, topics });
      for (const { topic, partitions } of committed) {
        const ends = new Map((await admin.fetchTopicOffsets(topic)).map((end) => [end.partition, end]));
        for (const { partition, offset } of partitions) {
          const end = ends.get(partition);
          if (!end || !this.assigned.some((mine) => mine.topic === topic && mine.partition === partition)) continue;
          lag += BigInt(end.high) - BigInt(offset === '-1' ? end.low : offset);
        }
      }
      return lag;
    } finally {
      await admin.disconnect();
    }
  }

  /** Leaves the group; gives up after `limitMs`, since kafkajs waits for ever for a broker that is away. */
  async close(limitMs: number): Promise<void> {
    this.closed = true;
    await atMost(
      limitMs,
      this.consumer.disconnect().catch(() => {}),
    );
  }

  private get wanted(): string {
    return `read ${this.options.topics.join(', ')} as the group ${this.options.group}`;
  }

  private explained(error: Error): Error {
    const explained = explainRefusal(error, this.options, this.wanted);
    return explained instanceof Error ? explained : error;
  }

  private joined(assignment: Record<string, number[]>): void {
    this.assigned = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    for (const partition of this.consumer.paused()) {
      for (const number of partition.partitions) this.resume({ topic: partition.topic, partition: number });
    }
    this.options.onAssigned(this.assigned);
  }
}

/** A message as the rest of this library knows it. */
export function incoming({ topic, partition }: TopicPartition, message: KafkaMessage): IncomingMessage {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) headers[name] = first.toString();
  }
  return { topic, partition, offset: BigInt(message.offset), key: message.key, value: message.value, headers };
}

import { type Producer as KafkaProducer, Partitioners } from 'kafkajs';
import { type KafkaOptions, openKafka } from './client.js';
import { KafkaTimeoutError } from './errors.js';
import { explainRefusal } from './refusal.js';

export interface OutgoingMessage {
  topic: string;
  /** Messages of one key go to one partition, hence stay in order. */
  key: string | Buffer | null;
  value: Buffer | null;
  headers: Readonly<Record<string, string | Buffer>>;
}

/** Where a message lies. */
export interface Position {
  topic: string;
  partition: number;
  /** Of the first message that this send put into the partition. */
  offset: bigint;
}

const SEND_TIMEOUT_MS = 10_000;

/**
 * Sends messages and waits for all in-sync replicas. Connects by itself.
 *
 * A failed send leaves the sequence numbers of an idempotent producer in doubt: the broker may have the batch, kafkajs
 * counts it back, and the next batch of the same length would be taken for a repetition and dropped. So after a failure
 * the producer is thrown away, and the next send starts with a new one.
 */
export class Producer {
  private current: Promise<KafkaProducer> | undefined;
  private connected = false;

  constructor(private readonly options: KafkaOptions) {}

  /** Whether the last thing that was tried succeeded. */
  get isConnected(): boolean {
    return this.connected;
  }

  async connect(): Promise<void> {
    await this.withProducer('write anything', async () => {});
  }

  /**
   * Resolves when all are stored; rejects after 10 s at the latest, and then some or all may be stored yet, or with a
   * `KafkaRefusedError`.
   */
  async send(messages: readonly OutgoingMessage[]): Promise<Position[]> {
    const byTopic = Map.groupBy(messages, (message) => message.topic);
    const topicMessages = [...byTopic].map(([topic, group]) => ({
      topic,
      messages: group.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } })),
    }));
    const sent = await this.withProducer(`write ${[...byTopic.keys()].join(', ')}`, (producer) =>
      producer.sendBatch({ acks: -1, timeout: SEND_TIMEOUT_MS, topicMessages }),
    );
    return sent.map(({ topicName, partition, baseOffset }) => ({
      topic: topicName,
      partition,
      offset: BigInt(baseOffset ?? -1),
    }));
  }

  async close(): Promise<void> {
    await this.discard(this.current);
  }

  private async withProducer<T>(wanted: string, work: (producer: KafkaProducer) => Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new KafkaTimeoutError('Kafka did not answer in time')), SEND_TIMEOUT_MS);
    this.current ??= this.open();
    const used = this.current;
    try {
      const result = await Promise.race([used.then(work), late]);
      this.connected = true;
      return result;
    } catch (error) {
      this.connected = false;
      void this.discard(used);
      throw explainRefusal(error, this.options, wanted);
    } finally {
      clearTimeout(timer);
    }
  }

  private async open(): Promise<KafkaProducer> {
    const producer = openKafka(this.options).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      // Fewer than for ever: the outbox keeps what could not be sent.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 8 },
    });
    await producer.connect();
    return producer;
  }

  // Never rejects: what could not be opened need not be closed, and `disconnect` may hang while a broker is away.
  private async discard(producer: Promise<KafkaProducer> | undefined): Promise<void> {
    if (this.current === producer) this.current = undefined;
    this.connected = false;
    await producer?.then((opened) => opened.disconnect()).catch(() => {});
  }
}

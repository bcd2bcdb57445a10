import type { LoggerService } from '@nestjs/common';
import { atMost } from './at-most.js';
import type { Consumer, IncomingMessage, TopicPartition } from './kafka/consumer.js';
import { PartitionWork } from './partition-work.js';

export interface ConsumerLoopOptions {
  lanes: number;
  stallMs: number;
  handle: (message: IncomingMessage, signal: AbortSignal) => Promise<void>;
  onFatal: (error: Error) => void;
  logger: LoggerService;
}

const COMMIT_INTERVAL_MS = 250;
const COMMIT_LIMIT_MS = 1_000;
/** More messages of a partition than this are left at the broker. */
const MAX_PENDING = 500;

/** Spreads what a consumer fetches over lanes and commits what is finished. */
export class ConsumerLoop {
  private works = new Map<string, { partition: TopicPartition; work: PartitionWork; paused: boolean }>();
  private ended: Promise<unknown> = Promise.resolve();
  private lastActivity = Date.now();
  private stopping = false;
  private committing: Promise<void> | undefined;
  private timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly consumer: Pick<Consumer, 'commit' | 'pause' | 'resume' | 'lag'>,
    private readonly options: ConsumerLoopOptions,
  ) {}

  start(): void {
    this.timers = [
      setInterval(() => void this.commit(), COMMIT_INTERVAL_MS),
      setInterval(() => void this.watch(), this.options.stallMs / 4),
    ];
  }

  /** A try began: the consumer is alive, whatever becomes of it. */
  active(): void {
    this.lastActivity = Date.now();
  }

  /** Forgets what waits: it comes again. Work on it begins when what runs has ended, so that keys stay in order. */
  assigned(): void {
    const former = [...this.works.values()].map(({ work }) => work.stop());
    this.ended = Promise.all([this.ended, ...former]);
    this.works = new Map();
    this.active();
  }

  accept(partition: TopicPartition, messages: readonly IncomingMessage[]): void {
    if (this.stopping) return;
    this.active();
    const entry = this.entry(partition);
    entry.work.accept(messages);
    if (entry.paused || entry.work.pending < MAX_PENDING) return;
    entry.paused = true;
    this.consumer.pause(partition);
  }

  /** Starts nothing more, waits for what runs, for `limitMs` at most, and commits what is finished. */
  async close(limitMs: number): Promise<void> {
    this.stopping = true;
    for (const timer of this.timers) clearInterval(timer);
    const running = [...this.works.values()].map(({ work }) => work.stop());
    await atMost(limitMs, Promise.all([this.ended, ...running]));
    // Kafka may be away; then these messages come again and find their inbox rows.
    await atMost(
      COMMIT_LIMIT_MS,
      Promise.resolve(this.committing).then(() => this.commit()),
    );
  }

  private entry(partition: TopicPartition) {
    const name = `${partition.topic}/${partition.partition}`;
    const found = this.works.get(name);
    if (found) return found;
    const work = new PartitionWork({
      lanes: this.options.lanes,
      handle: this.options.handle,
      after: this.ended,
      onFinished: () => this.finished(name),
      onBroken: (error) => this.options.onFatal(error instanceof Error ? error : new Error(String(error))),
    });
    const entry = { partition, work, paused: false };
    this.works.set(name, entry);
    return entry;
  }

  private finished(name: string): void {
    this.active();
    const entry = this.works.get(name);
    if (!entry?.paused || entry.work.pending > MAX_PENDING / 2) return;
    entry.paused = false;
    this.consumer.resume(entry.partition);
  }

  /** One commit at a time. A failed one is repeated by the next: at worst, messages come again. */
  private commit(): Promise<void> {
    this.committing ??= this.commitFinished().finally(() => {
      this.committing = undefined;
    });
    return this.committing;
  }

  private async commitFinished(): Promise<void> {
    const finished = [...this.works.values()].flatMap(({ partition, work }) => {
      const offset = work.uncommitted;
      return offset === undefined ? [] : [{ ...partition, offset, work }];
    });
    if (finished.length === 0) return;
    try {
      await this.consumer.commit(finished.map(({ topic, partition, offset }) => ({ topic, partition, offset })));
      for (const { work, offset } of finished) work.wasCommitted(offset);
    } catch (error) {
      this.options.logger.debug?.(`Offsets were not committed, the next commit repeats them: ${String(error)}`);
    }
  }

  /** Nothing moved for long although messages wait, with Kafka within reach: only a new start helps. */
  private async watch(): Promise<void> {
    if (Date.now() - this.lastActivity < this.options.stallMs) return;
    try {
      const lag = await this.consumer.lag();
      const still = Date.now() - this.lastActivity;
      if (lag === 0n || this.stopping || still < this.options.stallMs) return;
      this.options.onFatal(new Error(`${lag} messages wait and none moved for ${Math.round(still / 1000)} s`));
    } catch {
      // Kafka is away: after it came back, the consumer has the whole time again.
      this.active();
    }
  }
}

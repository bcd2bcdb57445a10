import type { IncomingMessage } from './kafka/consumer.js';
import { LowWatermark } from './low-watermark.js';
import { hash } from './shards.js';

export interface PartitionWorkOptions {
  lanes: number;
  /** Resolves when the message is dealt with for good; rejects when the signal was aborted before that. */
  handle: (message: IncomingMessage, signal: AbortSignal) => Promise<void>;
  /** Work on the same partition that is still under way from before: nothing starts until it ended. */
  after: Promise<unknown>;
  /** A message was finished. */
  onFinished: () => void;
  /** `handle` failed although it was not aborted. */
  onBroken: (error: unknown) => void;
}

/** The messages of one partition, while it is assigned to this process: each key in order, keys beside each other. */
export class PartitionWork {
  private readonly stopping = new AbortController();
  private readonly watermark = new LowWatermark();
  private readonly queues: IncomingMessage[][];
  private readonly lanes: (Promise<void> | undefined)[] = [];
  private committed: bigint | undefined;

  constructor(private readonly options: PartitionWorkOptions) {
    this.queues = Array.from({ length: options.lanes }, () => []);
  }

  /** Messages that were accepted and do not count as done yet. */
  get pending(): number {
    return this.watermark.pending;
  }

  accept(messages: readonly IncomingMessage[]): void {
    if (this.stopping.signal.aborted) return;
    for (const message of messages) {
      this.watermark.start(message.offset);
      const lane = message.key ? hash(message.key.toString('latin1')) : Number(message.offset % 1_000_000n);
      this.enqueue(lane % this.options.lanes, message);
    }
  }

  /** The offset to commit, when there is a new one. */
  get uncommitted(): bigint | undefined {
    return this.watermark.next === this.committed ? undefined : this.watermark.next;
  }

  wasCommitted(offset: bigint): void {
    this.committed = offset;
  }

  /** Starts nothing more; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.lanes);
  }

  private enqueue(lane: number, message: IncomingMessage): void {
    this.queues[lane]?.push(message);
    this.lanes[lane] ??= this.run(lane);
  }

  private async run(lane: number): Promise<void> {
    await this.options.after;
    try {
      for (let message = this.next(lane); message; message = this.next(lane)) {
        await this.options.handle(message, this.stopping.signal);
        this.watermark.finish(message.offset);
        this.options.onFinished();
      }
    } catch (error) {
      if (!this.stopping.signal.aborted) this.options.onBroken(error);
    } finally {
      // In the same tick as the last look into the queue: what is accepted afterwards starts the lane again.
      this.lanes[lane] = undefined;
    }
  }

  private next(lane: number): IncomingMessage | undefined {
    return this.stopping.signal.aborted ? undefined : this.queues[lane]?.shift();
  }
}

import { type Admission, admission, type BucketRule, type BucketStore, EPSILON, refill } from './token-bucket.js';

interface Bucket {
  tokens: number;
  /** When it held that many. */
  time: number;
  /** When it became the last that would go. */
  placed: number;
}

/** Milliseconds in which a bucket that is used again keeps its place: a busy one is not moved with each request. */
const KEEPS_PLACE = 100;

/**
 * Buckets of this process alone. At most `capacity` are kept, the least recently used go first: one that was idle is
 * full anyway, and a flood of keys cannot fill the memory.
 */
export class MemoryBuckets implements BucketStore {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly capacity = 100_000,
    /** Milliseconds, monotonic. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  take(key: string, rule: BucketRule): Admission {
    const now = this.now();
    const bucket = this.buckets.get(key);
    let tokens = bucket ? refill(bucket.tokens, now - bucket.time, rule) : rule.burst;
    const admitted = tokens + EPSILON >= 1;
    if (admitted) tokens -= 1;
    if (bucket && now - bucket.placed < KEEPS_PLACE) {
      bucket.tokens = tokens;
      bucket.time = now;
    } else this.place(key, tokens, now);
    return admission(admitted, tokens, rule);
  }

  /** From now on the bucket holds this much. */
  set(key: string, tokens: number): void {
    this.place(key, tokens, this.now());
  }

  get size(): number {
    return this.buckets.size;
  }

  async close(): Promise<void> {
    this.buckets.clear();
  }

  private place(key: string, tokens: number, now: number): void {
    this.buckets.delete(key);
    this.buckets.set(key, { tokens, time: now, placed: now });
    if (this.buckets.size <= this.capacity) return;
    const [oldest] = this.buckets.keys();
    if (oldest !== undefined) this.buckets.delete(oldest);
  }
}

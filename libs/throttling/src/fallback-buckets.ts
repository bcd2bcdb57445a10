import type { MemoryBuckets } from './memory-buckets.js';
import type { Admission, BucketRule, BucketStore } from './token-bucket.js';

// After a failure the shared buckets are left alone for this long: a server that hangs must not slow every call.
const PAUSE_MS = 1_000;

/**
 * Shared buckets, and the process's own while the shared ones cannot be reached: then each replica goes on with what was left
 * when it last heard, and admits what the policy allows to all of them together. Calls are never refused because the store of a
 * throttle is down.
 */
export class FallbackBuckets implements BucketStore {
  private sharedIsDown = false;
  private pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly shared: BucketStore,
    private readonly own: MemoryBuckets,
    /** Told once when the shared buckets are lost, with the error, and once when they are back. */
    private readonly onChange: (error: unknown) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async take(key: string, rule: BucketRule): Promise<Admission> {
    if (this.now() < this.pausedUntil) return this.own.take(key, rule);
    try {
      const taken = await this.shared.take(key, rule);
      this.change(false);
      this.own.set(key, taken.remaining);
      return taken;
    } catch (error) {
      this.pausedUntil = this.now() + PAUSE_MS;
      this.change(true, error);
      return this.own.take(key, rule);
    }
  }

  async close(): Promise<void> {
    await this.shared.close();
    await this.own.close();
  }

  private change(isDown: boolean, error?: unknown): void {
    if (this.sharedIsDown === isDown) return;
    this.sharedIsDown = isDown;
    this.onChange(error);
  }
}

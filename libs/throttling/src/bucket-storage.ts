import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { meter } from '#libs/telemetry';
import { FallbackBuckets } from './fallback-buckets.js';
import { MemoryBuckets } from './memory-buckets.js';
import { RedisBuckets } from './redis-buckets.js';
import type { Admission, BucketStore } from './token-bucket.js';

export type StorageRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/**
 * The storage of @nestjs/throttler as token buckets: `limit` is the burst, and an empty bucket is full again after `ttl`
 * milliseconds. Times are told in whole seconds, as Retry-After wants them.
 */
@Injectable()
export class BucketStorage implements ThrottlerStorage, OnApplicationShutdown {
  constructor(private readonly buckets: BucketStore) {}

  async increment(key: string, ttl: number, limit: number): Promise<StorageRecord> {
    return this.take(key, ttl, limit);
  }

  /** {@link increment}, at once where the buckets are those of the process. */
  take(key: string, ttl: number, limit: number): StorageRecord | Promise<StorageRecord> {
    const taken = this.buckets.take(key, { burst: limit, rate: (limit / ttl) * 1000 });
    return taken instanceof Promise ? taken.then((it) => record(it, limit)) : record(taken, limit);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.buckets.close();
  }
}

function record(taken: Admission, limit: number): StorageRecord {
  return {
    totalHits: taken.admitted ? limit - taken.remaining : limit + 1,
    timeToExpire: Math.ceil(taken.resetMs / 1000),
    isBlocked: !taken.admitted,
    timeToBlockExpire: taken.admitted ? 0 : Math.max(1, Math.ceil(taken.retryAfterMs / 1000)),
  };
}

/** Buckets in Redis or Valkey, with those of the process to fall back on; without an address those of the process. */
export function createBuckets(redisUrl: string | undefined, log = new Logger('throttling')): BucketStore {
  if (redisUrl === undefined) return new MemoryBuckets();
  // Connection errors repeat with every attempt; the fallback tells the change once.
  const shared = new RedisBuckets(redisUrl, () => {});
  const isShared = meter('throttling').createGauge('throttle.shared_buckets', {
    description: '1 while throttle buckets are shared over replicas, 0 while each replica counts alone',
  });
  isShared.record(1);
  return new FallbackBuckets(shared, new MemoryBuckets(), (error) => {
    isShared.record(error === undefined ? 1 : 0);
    if (error === undefined) log.log('shared throttle buckets are back');
    else log.warn(`shared throttle buckets cannot be reached: every replica counts alone (${error})`);
  });
}

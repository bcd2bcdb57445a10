export { BucketStorage, createBuckets } from './bucket-storage.js';
export { FallbackBuckets } from './fallback-buckets.js';
export { MemoryBuckets } from './memory-buckets.js';
export { PolicyThrottlerGuard, type ThrottledCall } from './policy-throttler.guard.js';
export { RedisBuckets } from './redis-buckets.js';
export { throttlingModule } from './throttling.module.js';
export type { Admission, BucketRule, BucketStore } from './token-bucket.js';

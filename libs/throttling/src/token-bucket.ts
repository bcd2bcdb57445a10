/** A bucket holds `burst` tokens, gains `rate` tokens a second; a call takes one. */
export interface BucketRule {
  readonly rate: number;
  readonly burst: number;
}

export interface Admission {
  readonly admitted: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Until the next call is admitted, in milliseconds; 0 when tokens are left. */
  readonly retryAfterMs: number;
  /** Until the bucket is full again, in milliseconds. */
  readonly resetMs: number;
}

/** Where buckets are kept: one process, or shared by all replicas. */
export interface BucketStore {
  /** What is kept in the own process is known at once: a promise for each request would cost more than the bucket. */
  take(key: string, rule: BucketRule): Admission | Promise<Admission>;
  close(): Promise<void>;
}

// A token that has been refilled exactly must not be missed for a rounding error.
export const EPSILON = 1e-9;

/** Tokens of a bucket that had `tokens` `elapsedMs` ago. A clock that went back takes nothing away. */
export function refill(tokens: number, elapsedMs: number, { rate, burst }: BucketRule): number {
  return Math.min(burst, tokens + (Math.max(0, elapsedMs) * rate) / 1000);
}

/** Describes a bucket after a call has asked for a token. */
export function admission(admitted: boolean, tokens: number, { rate, burst }: BucketRule): Admission {
  const untilTokens = (wanted: number) => Math.max(0, Math.ceil(((wanted - tokens - EPSILON) / rate) * 1000));
  return {
    admitted,
    remaining: Math.floor(tokens + EPSILON),
    retryAfterMs: untilTokens(1),
    resetMs: untilTokens(burst),
  };
}

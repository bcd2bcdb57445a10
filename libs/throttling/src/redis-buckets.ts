import { hash } from 'node:crypto';
import { Redis } from 'ioredis';
import { type Admission, admission, type BucketRule, type BucketStore } from './token-bucket.js';

// One script: the bucket is read, refilled and taken from in one step, by the server's clock. Numbers travel as text,
// since Redis cuts the fraction off numbers that a script returns.
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local burst = tonumber(ARGV[1])
local rate = tonumber(ARGV[2]) / 1000
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'time')
local tokens = burst
if bucket[1] then
  tokens = math.min(burst, tonumber(bucket[1]) + math.max(0, now - tonumber(bucket[2])) * rate)
end
local admitted = 0
if tokens + 1e-9 >= 1 then
  tokens = tokens - 1
  admitted = 1
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.17g', tokens), 'time', string.format('%.17g', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate) + 1000)
return { admitted, string.format('%.17g', tokens) }
`;

interface TakeCommand {
  takeToken(key: string, burst: number, rate: number): Promise<[number, string]>;
}

const ANSWERS_WITHIN_MS = 250;

/** Buckets in Redis or Valkey, shared by all replicas. Rejects fast (about 250 ms) when the server does not answer. */
export class RedisBuckets implements BucketStore {
  private readonly redis: Redis & TakeCommand;

  constructor(url: string, onError: (error: Error) => void) {
    const redis = new Redis(url, {
      keyPrefix: 'throttle:',
      enableAutoPipelining: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 2_000,
      retryStrategy: (attempt) => Math.min(attempt * 100, 1_000),
    });
    redis.on('error', onError);
    redis.defineCommand('takeToken', { numberOfKeys: 1, lua: TAKE });
    if (!hasTakeCommand(redis)) throw new Error('ioredis did not define the command');
    this.redis = redis;
  }

  async take(key: string, rule: BucketRule): Promise<Admission> {
    // Others can read what is there: no addresses, and nobody's id.
    const hashed = hash('sha256', key, 'base64url');
    const [admitted, tokens] = await inTime(this.redis.takeToken(hashed, rule.burst, rule.rate));
    return admission(admitted === 1, Number(tokens), rule);
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }
}

/**
 * Rejects when there is no answer in time. On a busy process the time is over before it has read what came long ago: so it
 * looks at its sockets once more.
 */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => setImmediate(() => setImmediate(reject, new Error('no answer in time'))),
    ANSWERS_WITHIN_MS,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function hasTakeCommand(redis: Redis): redis is Redis & TakeCommand {
  return 'takeToken' in redis;
}

import { hash } from 'node:crypto';
import type { ExecutionContext } from '@nestjs/common';
import { normalizeIp, ThrottlerGuard } from '@nestjs/throttler';
import { Throttle_Dimension as Dimension, type Throttle } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { boundCounter, type CountSeries } from '#libs/telemetry';
import { BucketStorage, type StorageRecord } from './bucket-storage.js';

const decisions = boundCounter('throttling', 'throttle.decisions', {
  description: 'Tokens asked of buckets, by what these are keyed by and by the decision: admitted, refused',
});

/** What is the same for all buckets of a throttle. */
class BucketKind {
  /** E.g. `address+field`. */
  readonly name: string;
  readonly limit: number;
  /** Tokens that are gained in a second. */
  readonly rate: number;
  /** Milliseconds in which an empty one is full again. */
  readonly ttl: number;
  /** Value of RateLimit-Policy. */
  readonly policy: string;
  readonly isByField: boolean;
  readonly admitted: CountSeries;
  readonly refused: CountSeries;

  constructor({ burst, rate, per }: Throttle) {
    this.name = per.map((dimension) => Dimension[dimension].toLowerCase()).join('+');
    this.limit = burst;
    this.rate = rate;
    this.ttl = (burst / rate) * 1000;
    this.policy = `${burst};w=${Math.ceil(this.ttl / 1000)};name="${this.name}"`;
    this.isByField = per.includes(Dimension.FIELD);
    this.admitted = decisions.of({ bucket: this.name, decision: 'admitted' });
    this.refused = decisions.of({ bucket: this.name, decision: 'refused' });
  }
}

const kinds = new WeakMap<Throttle, BucketKind>();

function kindOf(throttle: Throttle): BucketKind {
  const known = kinds.get(throttle);
  if (known) return known;
  const kind = new BucketKind(throttle);
  kinds.set(throttle, kind);
  return kind;
}

/** What the buckets of a call are keyed by. */
export interface ThrottledCall {
  /** Full name of the RPC: RPCs never share buckets. */
  readonly rpc: string;
  readonly throttles: readonly Throttle[];
  readonly address: string;
  readonly principal: string;
}

interface Response {
  header(name: string, value: string | number): unknown;
  getHeader(name: string): unknown;
}

/**
 * Takes a token from every bucket that the `throttle` of a `gateway.v1.policy` names. As a guard it handles the buckets
 * that are known before the body is read; those keyed by a field follow through {@link admitField}. The dimensions of a
 * throttle together make one key. Refuses with THROTTLED, Retry-After and the bucket's name; `RateLimit-*` headers tell
 * the tightest bucket.
 */
export abstract class PolicyThrottlerGuard extends ThrottlerGuard {
  protected abstract callOf(context: ExecutionContext): ThrottledCall;

  override canActivate(context: ExecutionContext): Promise<boolean> {
    const call = this.callOf(context);
    if (call.throttles.length === 0) return ADMITTED;
    return this.takeAll({ call, response: context.getArgByIndex<Response>(1) }, 0) ?? ADMITTED;
  }

  /** Takes tokens from the buckets keyed by a field; `textOf` reads a field of the decoded request by its path. */
  async admitField(call: ThrottledCall, response: Response, textOf: (fieldPath: string) => string): Promise<void> {
    await this.takeAll({ call, response, textOf }, 0);
  }

  /** One after the other, from the throttle `index` on; a promise only where a bucket is kept somewhere else. */
  private takeAll(asked: Asked, index: number): Promise<true> | undefined {
    const { call, textOf } = asked;
    for (const [at, throttle] of call.throttles.entries()) {
      const kind = kindOf(throttle);
      if (at < index || kind.isByField !== (textOf !== undefined)) continue;
      const key = keyOf(call, at, textOf?.(throttle.field).trim().toLowerCase() ?? '');
      const taken = this.take(key, kind);
      if (taken instanceof Promise) {
        return taken.then((record) => {
          admit(record, kind, asked.response);
          return this.takeAll(asked, at + 1) ?? ADMITTED;
        });
      }
      admit(taken, kind, asked.response);
    }
    return undefined;
  }

  private take(key: string, { ttl, limit, name }: BucketKind): StorageRecord | Promise<StorageRecord> {
    const { storageService: storage } = this;
    return storage instanceof BucketStorage
      ? storage.take(key, ttl, limit)
      : storage.increment(key, ttl, limit, 0, name);
  }
}

interface Asked {
  readonly call: ThrottledCall;
  readonly response: Response;
  /** Where the buckets keyed by fields are meant, and not the others. */
  readonly textOf?: (fieldPath: string) => string;
}

const ADMITTED: Promise<true> = Promise.resolve(true);

/** Tells what a bucket has said. Throws THROTTLED. */
function admit(taken: StorageRecord, kind: BucketKind, response: Response): void {
  const { limit, rate, policy, name: bucket, refused, admitted } = kind;
  (taken.isBlocked ? refused : admitted).add();
  const remaining = Math.max(0, limit - taken.totalHits);
  const told = response.getHeader('RateLimit-Remaining');
  if (told === undefined || Number(told) >= remaining) {
    response.header('RateLimit-Limit', limit);
    response.header('RateLimit-Remaining', remaining);
    response.header('RateLimit-Reset', taken.timeToExpire);
    response.header('RateLimit-Policy', policy);
  }
  if (!taken.isBlocked) return;
  throw new DomainError('THROTTLED', {
    message: `Too many requests: the bucket "${bucket}" of this operation holds ${limit} and gains ${rate} a second.`,
    retryAfterSeconds: taken.timeToBlockExpire,
    metadata: { bucket, limit: String(limit), rate: String(rate) },
    details: {
      quotaViolations: [{ subject: `bucket:${bucket}`, description: `holds ${limit}, gains ${rate} a second` }],
    },
  });
}

/** Characters of a part of a key: a flood of long ones cannot fill the memory. */
const LONGEST = 128;

function keyOf({ rpc, throttles, principal, address }: ThrottledCall, index: number, field: string): string {
  const per = throttles[index]?.per ?? [];
  const values = per.map((dimension) => {
    if (dimension === Dimension.PRINCIPAL) return principal.length > LONGEST ? hashed(principal) : principal;
    if (dimension === Dimension.ADDRESS) return normalizeIp(address);
    // What clients write into fields is kept nowhere.
    return dimension === Dimension.FIELD ? hashed(field) : '';
  });
  // Neither the name of an RPC nor those of dimensions have a blank, and one value alone can be told from its end.
  return `${rpc} ${index} ${per.join('+')} ${values.length === 1 ? values[0] : JSON.stringify(values)}`;
}

const hashed = (text: string) => hash('sha256', text, 'base64url');

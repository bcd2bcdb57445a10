import { hash } from 'node:crypto';
import type { ExecutionContext } from '@nestjs/common';
import { normalizeIp, ThrottlerGuard } from '@nestjs/throttler';
import { Throttle_Dimension as Dimension, type Throttle } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { boundCounter, type CountSeries } from '#libs/telemetry';

const decisions = boundCounter('throttling', 'throttle.decisions', {
  description: 'Tokens asked of buckets, by what these are keyed by and by the decision: admitted, refused',
});

/** Of the buckets that are keyed alike: their name, and what is counted of them. */
class BucketKind {
  readonly admitted: CountSeries;
  readonly refused: CountSeries;

  constructor(readonly name: string) {
    this.admitted = decisions.of({ bucket: name, decision: 'admitted' });
    this.refused = decisions.of({ bucket: name, decision: 'refused' });
  }
}

const kinds = new WeakMap<Throttle, BucketKind>();

function kindOf(throttle: Throttle): BucketKind {
  const known = kinds.get(throttle);
  if (known) return known;
  const kind = new BucketKind(throttle.per.map((dimension) => Dimension[dimension].toLowerCase()).join('+'));
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
 * throttle together make one key; keys are hashed, so that the store holds no addresses or e-mails. Refuses with
 * THROTTLED, Retry-After and the bucket's name; `RateLimit-*` headers tell the tightest bucket.
 */
export abstract class PolicyThrottlerGuard extends ThrottlerGuard {
  protected abstract callOf(context: ExecutionContext): ThrottledCall;

  override canActivate(context: ExecutionContext): Promise<boolean> {
    const call = this.callOf(context);
    return call.throttles.length === 0 ? ADMITTED : this.admit(call, context);
  }

  private async admit(call: ThrottledCall, context: ExecutionContext): Promise<boolean> {
    const response = context.switchToHttp().getResponse<Response>();
    for (const [index, throttle] of call.throttles.entries()) {
      if (!isByField(throttle)) await this.take(throttle, keyOf(call, index, ''), response);
    }
    return true;
  }

  /** Takes tokens from the buckets keyed by a field; `textOf` reads a field of the decoded request by its path. */
  async admitField(call: ThrottledCall, response: Response, textOf: (fieldPath: string) => string): Promise<void> {
    for (const [index, throttle] of call.throttles.entries()) {
      if (!isByField(throttle)) continue;
      const text = textOf(throttle.field).trim().toLowerCase();
      await this.take(throttle, keyOf(call, index, text), response);
    }
  }

  private async take(throttle: Throttle, key: string, response: Response): Promise<void> {
    const { burst: limit, rate } = throttle;
    const ttl = (limit / rate) * 1000;
    const { name: bucket, admitted, refused } = kindOf(throttle);
    const taken = await this.storageService.increment(key, ttl, limit, 0, bucket);
    (taken.isBlocked ? refused : admitted).add();
    const remaining = Math.max(0, limit - taken.totalHits);
    const told = response.getHeader('RateLimit-Remaining');
    if (told === undefined || Number(told) >= remaining) {
      response.header('RateLimit-Limit', limit);
      response.header('RateLimit-Remaining', remaining);
      response.header('RateLimit-Reset', taken.timeToExpire);
      response.header('RateLimit-Policy', `${limit};w=${Math.ceil(ttl / 1000)};name="${bucket}"`);
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
}

const ADMITTED = Promise.resolve(true);

const isByField = (throttle: Throttle) => throttle.per.includes(Dimension.FIELD);

function keyOf(call: ThrottledCall, index: number, field: string): string {
  const per = call.throttles[index]?.per ?? [];
  const values = per.map((dimension) => {
    if (dimension === Dimension.PRINCIPAL) return call.principal;
    if (dimension === Dimension.ADDRESS) return normalizeIp(call.address);
    return dimension === Dimension.FIELD ? field : '';
  });
  return hash('sha256', JSON.stringify([call.rpc, index, ...per, ...values]), 'base64url');
}

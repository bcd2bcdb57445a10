import { createHash } from 'node:crypto';
import type { ExecutionContext } from '@nestjs/common';
import { normalizeIp, ThrottlerGuard } from '@nestjs/throttler';
import { Throttle_Dimension as Dimension, type Throttle } from '#libs/contracts';
import { DomainError } from '#libs/errors';

/** What the buckets of a call are keyed by. */
export interface ThrottledCall {
  /** Full name of the RPC: RPCs never share buckets. */
  readonly rpc: string;
  readonly throttles: readonly Throttle[];
  readonly address: string;
  readonly principal: string;
}

/**
 * Takes a token from every bucket that the `throttle` of a `gateway.v1.policy` names. As a guard it handles the buckets
 * that are known before the body is read; those keyed by a field follow through {@link admitField}. The dimensions of a
 * throttle together make one key; keys are hashed, so that the store holds no addresses or e-mails. Refuses with
 * THROTTLED, Retry-After and the bucket's name; `RateLimit-*` headers tell the tightest bucket.
 */
export abstract class PolicyThrottlerGuard extends ThrottlerGuard {
  protected abstract callOf(context: ExecutionContext): ThrottledCall;

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.admit(context, (throttle) => !isByField(throttle), '');
    return true;
  }

  /** Takes tokens from the buckets keyed by a field; `textOf` reads a field of the decoded request by its path. */
  async admitField(context: ExecutionContext, textOf: (fieldPath: string) => string): Promise<void> {
    await this.admit(context, isByField, textOf);
  }

  private async admit(
    context: ExecutionContext,
    wanted: (throttle: Throttle) => boolean,
    textOf: ((fieldPath: string) => string) | '',
  ): Promise<void> {
    const call = this.callOf(context);
    for (const [index, throttle] of call.throttles.entries()) {
      if (!wanted(throttle)) continue;
      const field = textOf === '' ? '' : textOf(throttle.field);
      const key = keyOf(call, [index, throttle], field.trim().toLowerCase());
      await this.take(context, throttle, key);
    }
  }

  private async take(context: ExecutionContext, throttle: Throttle, key: string): Promise<void> {
    const { burst: limit, rate } = throttle;
    const ttl = (limit / rate) * 1000;
    const bucket = throttle.per.map((dimension) => Dimension[dimension].toLowerCase()).join('+');
    const taken = await this.storageService.increment(key, ttl, limit, 0, bucket);
    const remaining = Math.max(0, limit - taken.totalHits);
    this.tell(context, { bucket, limit, remaining, reset: taken.timeToExpire, window: Math.ceil(ttl / 1000) });
    if (!taken.isBlocked) return;
    throw new DomainError('THROTTLED', {
      message: `Too many requests: the bucket "${bucket}" of this operation holds ${limit} and gains ${rate} a second.`,
      retryAfterSeconds: taken.timeToBlockExpire,
      metadata: { bucket, limit: String(limit), rate: String(rate) },
    });
  }

  private tell(
    context: ExecutionContext,
    level: { bucket: string; limit: number; remaining: number; reset: number; window: number },
  ): void {
    const { res } = this.getRequestResponse(context);
    const told = res.getHeader('RateLimit-Remaining');
    if (told !== undefined && Number(told) < level.remaining) return;
    this.setResponseHeader(res, 'RateLimit-Limit', level.limit);
    this.setResponseHeader(res, 'RateLimit-Remaining', level.remaining);
    this.setResponseHeader(res, 'RateLimit-Reset', level.reset);
    this.setResponseHeader(res, 'RateLimit-Policy', `${level.limit};w=${level.window};name="${level.bucket}"`);
  }
}

const isByField = (throttle: Throttle) => throttle.per.includes(Dimension.FIELD);

function keyOf(call: ThrottledCall, [index, throttle]: [number, Throttle], field: string): string {
  const values = throttle.per.map((dimension) => {
    if (dimension === Dimension.PRINCIPAL) return call.principal;
    if (dimension === Dimension.ADDRESS) return normalizeIp(call.address);
    return dimension === Dimension.FIELD ? field : '';
  });
  return createHash('sha256')
    .update(JSON.stringify([call.rpc, index, ...throttle.per, ...values]))
    .digest('base64url');
}

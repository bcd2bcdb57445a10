import { create } from '@bufbuild/protobuf';
import { jest } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { Throttle_Dimension as Dimension, type Throttle, ThrottleSchema } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { BucketStorage, MemoryBuckets, PolicyThrottlerGuard, type ThrottledCall } from './index.js';

class Guard extends PolicyThrottlerGuard {
  protected override callOf(context: ExecutionContext): ThrottledCall {
    return context.switchToHttp().getRequest();
  }
}

const throttle = (burst: number, per: Dimension[], field = ''): Throttle =>
  create(ThrottleSchema, { rate: 0.5, burst, per, field });

function caller(throttles: Throttle[], buckets = new MemoryBuckets()) {
  const guard = new Guard({ throttlers: [] }, new BucketStorage(buckets), new Reflector());
  /** 'admitted', or the bucket that refused; and the headers. */
  return async (call: Partial<ThrottledCall> = {}, field?: string) => {
    const headers: Record<string, unknown> = {};
    const request = { rpc: 'toy.A', throttles, address: '192.0.2.1', principal: 'ada', ...call };
    const response = {
      header: (name: string, value: unknown) => Object.assign(headers, { [name]: value }),
      getHeader: (name: string) => headers[name],
    };
    const context = new ExecutionContextHost([request, response]);
    try {
      await guard.canActivate(context);
      if (field !== undefined) await guard.admitField(request, response, () => field);
      return { outcome: 'admitted', headers };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { outcome: [error.code, error.metadata.bucket, error.retryAfterSeconds], headers };
    }
  };
}

describe('the throttle of a policy', () => {
  it('refuses with the name of the bucket, the time to wait, and the level in headers', async () => {
    const call = caller([throttle(2, [Dimension.PRINCIPAL])]);
    expect(await call()).toEqual({
      outcome: 'admitted',
      headers: {
        'RateLimit-Limit': 2,
        'RateLimit-Remaining': 1,
        'RateLimit-Reset': 2,
        'RateLimit-Policy': '2;w=4;name="principal"',
      },
    });
    await call();
    expect(await call()).toMatchObject({
      outcome: ['THROTTLED', 'principal', 2],
      headers: { 'RateLimit-Limit': 2, 'RateLimit-Remaining': 0 },
    });
  });

  it.each<[string, Dimension[], Partial<ThrottledCall>]>([
    ['principals', [Dimension.PRINCIPAL], { principal: 'bob' }],
    ['addresses', [Dimension.ADDRESS], { address: '192.0.2.2' }],
    ['RPCs', [Dimension.ROUTE], { rpc: 'toy.B' }],
    ['pairs of both', [Dimension.PRINCIPAL, Dimension.ADDRESS], { address: '192.0.2.2' }],
  ])('keeps %s apart', async (_, per, other) => {
    const call = caller([throttle(1, per)]);
    expect((await call()).outcome).toBe('admitted');
    expect((await call()).outcome).not.toBe('admitted');
    expect((await call(other)).outcome).toBe('admitted');
  });

  it('keeps neither long names nor what clients write into fields, and still tells them apart', async () => {
    const buckets = new MemoryBuckets();
    const take = jest.spyOn(buckets, 'take');
    const call = caller([throttle(1, [Dimension.PRINCIPAL]), throttle(1, [Dimension.FIELD], 'email')], buckets);
    const long = 'a'.repeat(4_000);
    expect((await call({ principal: `${long}1` }, 'ada@example.com')).outcome).toBe('admitted');
    expect((await call({ principal: `${long}2` }, 'bob@example.com')).outcome).toBe('admitted');
    expect((await call({ principal: `${long}1` })).outcome).not.toBe('admitted');
    const keys = take.mock.calls.map(([key]) => key);
    expect(keys.filter((key) => key.length > 128 || key.includes('example'))).toEqual([]);
  });

  it('takes what it is not keyed by together', async () => {
    const call = caller([throttle(1, [Dimension.ROUTE])]);
    expect((await call()).outcome).toBe('admitted');
    expect((await call({ principal: 'bob', address: '192.0.2.9' })).outcome).toEqual(['THROTTLED', 'route', 2]);
  });

  it('counts an IPv6 network as one address', async () => {
    const call = caller([throttle(1, [Dimension.ADDRESS])]);
    expect((await call({ address: '2001:db8::1' })).outcome).toBe('admitted');
    expect((await call({ address: '2001:db8::2' })).outcome).not.toBe('admitted');
    expect((await call({ address: '2001:db8:0:1::2' })).outcome).toBe('admitted');
  });

  it('compares fields without case, and asks for them only once the body is read', async () => {
    const call = caller([throttle(1, [Dimension.ADDRESS, Dimension.FIELD], 'email')]);
    expect((await call()).outcome).toBe('admitted');
    expect((await call({}, 'ada@example.com')).outcome).toBe('admitted');
    expect((await call({}, ' ADA@example.com')).outcome).toEqual(['THROTTLED', 'address+field', 2]);
    expect((await call({}, 'bob@example.com')).outcome).toBe('admitted');
  });

  it('needs a token of every bucket, and tells the tightest', async () => {
    const call = caller([throttle(2, [Dimension.PRINCIPAL]), throttle(9, [Dimension.ROUTE])]);
    expect((await call()).headers).toMatchObject({ 'RateLimit-Limit': 2, 'RateLimit-Remaining': 1 });
    await call();
    expect((await call()).outcome).toEqual(['THROTTLED', 'principal', 2]);
    expect((await call({ principal: 'bob' })).outcome).toBe('admitted');
  });
});

import { describeBuckets } from '../test/bucket-contract.js';
import { MemoryBuckets } from './index.js';

describeBuckets('the memory of a process', () => new MemoryBuckets());

describe('the memory of a process', () => {
  it('refills exactly by its clock', () => {
    let now = 0;
    const buckets = new MemoryBuckets(10, () => now);
    const rule = { rate: 3, burst: 1 };
    for (let i = 0; i < 100; i++) {
      expect(buckets.take('k', rule)).toMatchObject({ admitted: true });
      expect(buckets.take('k', rule)).toMatchObject({ admitted: false });
      now += 1000 / 3;
    }
  });

  it('takes nothing away when the clock goes back', () => {
    let now = 1000;
    const buckets = new MemoryBuckets(10, () => now);
    buckets.take('k', { rate: 1, burst: 2 });
    now = 0;
    expect(buckets.take('k', { rate: 1, burst: 2 })).toMatchObject({ admitted: true, remaining: 0 });
  });

  it('is bounded: the bucket that was used longest ago goes first', () => {
    let now = 0;
    const buckets = new MemoryBuckets(2, () => now);
    const rule = { rate: 0.001, burst: 1 };
    buckets.take('a', rule);
    buckets.take('b', rule);
    now += 100;
    buckets.take('a', rule);
    buckets.take('c', rule);
    expect(buckets.size).toBe(2);
    expect(buckets.take('a', rule)).toMatchObject({ admitted: false });
    expect(buckets.take('b', rule)).toMatchObject({ admitted: true });
  });
});

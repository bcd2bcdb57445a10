import { describeBuckets } from '../test/bucket-contract.js';
import { MemoryBuckets } from './index.js';

describeBuckets('the memory of a process', () => new MemoryBuckets());

describe('the memory of a process', () => {
  it('refills exactly by its clock', async () => {
    let now = 0;
    const buckets = new MemoryBuckets(10, () => now);
    const rule = { rate: 3, burst: 1 };
    for (let i = 0; i < 100; i++) {
      expect(await buckets.take('k', rule)).toMatchObject({ admitted: true });
      expect(await buckets.take('k', rule)).toMatchObject({ admitted: false });
      now += 1000 / 3;
    }
  });

  it('takes nothing away when the clock goes back', async () => {
    let now = 1000;
    const buckets = new MemoryBuckets(10, () => now);
    await buckets.take('k', { rate: 1, burst: 2 });
    now = 0;
    expect(await buckets.take('k', { rate: 1, burst: 2 })).toMatchObject({ admitted: true, remaining: 0 });
  });

  it('is bounded: the bucket that was used longest ago goes first', async () => {
    const buckets = new MemoryBuckets(2);
    const rule = { rate: 0.001, burst: 1 };
    await buckets.take('a', rule);
    await buckets.take('b', rule);
    await buckets.take('a', rule);
    await buckets.take('c', rule);
    expect(buckets.size).toBe(2);
    expect(await buckets.take('a', rule)).toMatchObject({ admitted: false });
    expect(await buckets.take('b', rule)).toMatchObject({ admitted: true });
  });
});

import { type BucketStore, FallbackBuckets, MemoryBuckets } from './index.js';

describe('buckets with others to fall back on', () => {
  const rule = { rate: 0.001, burst: 1 };

  it('go on with what was left while the shared ones fail, tell the loss and the return once, and pause between attempts', async () => {
    let down = false;
    let attempts = 0;
    let now = 0;
    const told: unknown[] = [];
    const shared = new MemoryBuckets();
    const failing: BucketStore = {
      take: async (key, wanted) => {
        attempts++;
        if (down) throw new Error('down');
        return shared.take(key, wanted);
      },
      close: () => shared.close(),
    };
    const buckets = new FallbackBuckets(
      failing,
      new MemoryBuckets(),
      (error) => told.push(error),
      () => now,
    );

    expect((await buckets.take('k', rule)).admitted).toBe(true);
    down = true;
    // With what was left, which is nothing; of what they never heard of they have a full one.
    expect((await buckets.take('k', rule)).admitted).toBe(false);
    expect((await buckets.take('another', rule)).admitted).toBe(true);
    expect((await buckets.take('another', rule)).admitted).toBe(false);
    expect(attempts).toBe(2);
    now += 1000;
    expect((await buckets.take('k', rule)).admitted).toBe(false);
    expect(attempts).toBe(3);
    down = false;
    now += 1000;
    expect((await buckets.take('k', rule)).admitted).toBe(false);
    expect((await buckets.take('other', rule)).admitted).toBe(true);
    expect(told).toEqual([new Error('down'), undefined]);
  });
});

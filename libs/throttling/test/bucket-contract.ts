import { randomUUID } from 'node:crypto';
import type { BucketStore } from '../src/index.js';

/** What every store of buckets promises. */
export function describeBuckets(name: string, open: () => BucketStore): void {
  describe(`${name} as a store of buckets`, () => {
    let buckets: BucketStore;
    const NEVER = 0.001;

    beforeAll(() => {
      buckets = open();
    });
    afterAll(() => buckets.close());

    it('admits a burst, then nothing until a token is back', async () => {
      const key = randomUUID();
      // A second for each token: four calls in a row are quicker than that on a busy machine, too.
      const rule = { rate: 1, burst: 3 };
      const taken = [];
      for (let i = 0; i < 4; i++) taken.push(await buckets.take(key, rule));
      expect(taken.map(({ admitted, remaining }) => [admitted, remaining])).toEqual([
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
      ]);
      const wait = taken[3]?.retryAfterMs ?? 0;
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(1_000);
      await new Promise((resolve) => setTimeout(resolve, wait + 1));
      expect(await buckets.take(key, rule)).toMatchObject({ admitted: true, remaining: 0 });
    });

    it('tells when the bucket is full again', async () => {
      const key = randomUUID();
      const rule = { rate: 2, burst: 10 };
      expect(await buckets.take(key, rule)).toMatchObject({ retryAfterMs: 0, resetMs: 500 });
    });

    it('admits exactly the burst out of a flood', async () => {
      const key = randomUUID();
      const all = await Promise.all(Array.from({ length: 200 }, () => buckets.take(key, { rate: NEVER, burst: 10 })));
      expect(all.filter(({ admitted }) => admitted)).toHaveLength(10);
    });

    it('keeps keys apart', async () => {
      const rule = { rate: NEVER, burst: 1 };
      const [first, second] = [randomUUID(), randomUUID()];
      expect((await buckets.take(first, rule)).admitted).toBe(true);
      expect((await buckets.take(second, rule)).admitted).toBe(true);
      expect((await buckets.take(first, rule)).admitted).toBe(false);
    });

    it('never gains more than the burst, also of a rule that has shrunk', async () => {
      const key = randomUUID();
      await buckets.take(key, { rate: 1000, burst: 50 });
      expect(await buckets.take(key, { rate: NEVER, burst: 2 })).toMatchObject({ admitted: true, remaining: 1 });
    });
  });
}

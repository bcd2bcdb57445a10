import fc from 'fast-check';
import { LowWatermark } from './low-watermark.js';

describe('the low watermark', () => {
  it('is what was finished without a gap, whatever the order of the ends', () => {
    const schedule = fc.uniqueArray(fc.bigInt({ min: 0n, max: 4_000n }), { maxLength: 2_500 }).chain((offsets) => {
      const started = offsets.sort((a, b) => (a < b ? -1 : 1));
      return fc.tuple(fc.constant(started), fc.shuffledSubarray(started, { minLength: started.length }));
    });
    fc.assert(
      fc.property(schedule, ([started, ends]) => {
        const watermark = new LowWatermark();
        for (const offset of started) watermark.start(offset);
        const finished = new Set<bigint>();
        for (const offset of ends) {
          watermark.finish(offset);
          finished.add(offset);
        }
        expect(watermark.pending).toBe(0);
        expect(watermark.next).toBe(started.length > 0 ? (started.at(-1) ?? 0n) + 1n : undefined);
      }),
      { numRuns: 50 },
    );
  });

  it('stays before the first message that is not finished', () => {
    const watermark = new LowWatermark();
    for (const offset of [5n, 6n, 9n]) watermark.start(offset);
    watermark.finish(6n);
    expect(watermark.next).toBeUndefined();
    watermark.finish(5n);
    expect(watermark.next).toBe(7n);
    expect(watermark.pending).toBe(1);
    watermark.finish(9n);
    expect(watermark.next).toBe(10n);
  });
});

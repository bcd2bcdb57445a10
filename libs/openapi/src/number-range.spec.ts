import fc from 'fast-check';
import { patternOfRange } from './number-range.js';

const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);

describe('the pattern of a range', () => {
  it('takes what lies in the range and nothing else', () => {
    fc.assert(
      fc.property(int64, int64, fc.array(int64), (a, b, others) => {
        const [min, max] = a < b ? [a, b] : [b, a];
        const pattern = new RegExp(patternOfRange({ min, max }));
        for (const value of [min - 1n, min, min + 1n, 0n, max - 1n, max, max + 1n, (min + max) / 2n, ...others]) {
          expect([value, pattern.test(String(value))]).toEqual([value, value >= min && value <= max]);
        }
      }),
    );
  });

  it('takes every number of a small range once', () => {
    fc.assert(
      fc.property(fc.integer({ min: -300, max: 300 }), fc.nat(300), (min, length) => {
        const pattern = new RegExp(patternOfRange({ min: BigInt(min), max: BigInt(min + length) }));
        for (let value = -400; value < 700; value++) {
          expect(pattern.test(String(value))).toBe(value >= min && value <= min + length);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('takes no leading zeros', () => {
    expect('007').not.toMatch(new RegExp(patternOfRange({ min: 0n, max: 99n })));
  });
});

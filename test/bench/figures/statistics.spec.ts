import { median, percentile, ratiosOf, spreadOf } from './statistics.js';

describe('the median', () => {
  it('is the value in the middle, however the values are ordered', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 9, 100, 1, 2])).toBe(9);
  });

  it('is the mean of the two in the middle when their number is even', () => {
    expect(median([1, 10, 2, 20])).toBe(6);
  });

  it('is refused where there is no value', () => {
    expect(() => median([])).toThrow('no median of nothing');
  });
});

describe('the spread', () => {
  it('is from the least to the most', () => {
    expect(spreadOf([3, 1, 2, 10, 2])).toEqual({ median: 2, least: 1, most: 10 });
  });
});

describe('the ratio of two costs', () => {
  const costs = (...values: number[]) => new Map(values.map((value, round) => [round, value]));

  it('is above 1 for the cheaper one', () => {
    expect(ratiosOf(costs(50), costs(100))).toEqual({ median: 2, least: 2, most: 2 });
  });

  it('is taken in each round: one in which both were slow does not change it', () => {
    expect(ratiosOf(costs(100, 300, 100), costs(200, 600, 200))).toEqual({ median: 2, least: 2, most: 2 });
  });

  it('leaves out rounds that only one of them has', () => {
    const first = new Map([
      [0, 10],
      [2, 10],
    ]);
    expect(ratiosOf(first, costs(20, 1000, 40))).toEqual({ median: 3, least: 2, most: 4 });
    expect(ratiosOf(first, new Map([[1, 10]]))).toBeUndefined();
  });
});

describe('a percentile', () => {
  it('is the value that this share of all does not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 99, 100]);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });
});

import { median, spread } from './median.js';

describe('of the rounds of a benchmark', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
    [[10, 9], 9.5],
  ])('%j the median is %d', (figures, expected) => {
    expect(median(figures)).toBe(expected);
  });

  it('the spread is told by the least and the most', () => {
    expect(spread([3, 1.25, 2])).toBe('1.3–3.0');
  });

  it('without rounds there is no figure', () => {
    expect(median([])).toBeNaN();
  });
});

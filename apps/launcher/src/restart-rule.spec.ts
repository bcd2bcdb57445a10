import { restartDelay } from './restart-rule.js';

describe('the rule of restarts', () => {
  it('waits 0.2 s after the first death and doubles with each further one', () => {
    const delays = [1, 2, 3, 4].map((deaths) => restartDelay(Array(deaths).fill(1000), 1000));
    expect(delays).toEqual([200, 400, 800, 1600]);
  });

  it('gives up at the fifth death within a minute', () => {
    expect(restartDelay([0, 10_000, 20_000, 30_000, 59_999], 59_999)).toBeUndefined();
  });

  it('forgets deaths that are older than a minute', () => {
    expect(restartDelay([0, 10_000, 20_000, 30_000, 60_000], 60_000)).toBe(1600);
    expect(restartDelay([0, 0, 0, 0, 100_000], 100_000)).toBe(200);
  });
});

import { jest } from '@jest/globals';
import { ProviderUnavailableError } from './provider.js';
import { AUTHORIZING, pauseMs, tryAgain, UnknownResultError } from './tries.js';

const NEVER_PAUSING = { tries: 4, tryMs: 1_000, budgetMs: 10_000 };

/** Fails so many times, then answers. */
function failing(times: number, error: Error) {
  return jest.fn(async () => {
    if (times-- > 0) throw error;
    return 'done';
  });
}

describe('trying again', () => {
  it('does the same call again while its result is unknown', async () => {
    const work = failing(1, new ProviderUnavailableError('503'));
    expect(await tryAgain(NEVER_PAUSING, work)).toBe('done');
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('gives up after the last try, and says that the result is unknown', async () => {
    const work = failing(9, new ProviderUnavailableError('503'));
    await expect(tryAgain({ ...NEVER_PAUSING, tries: 2 }, work)).rejects.toThrow(UnknownResultError);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('does not begin a try that its budget has no room for', async () => {
    const work = failing(9, new ProviderUnavailableError('503'));
    await expect(tryAgain({ tries: 4, tryMs: 50, budgetMs: 60 }, work)).rejects.toThrow('after 1 tries');
  });

  it('gives each try what is left of the budget, in whole milliseconds', async () => {
    const signals: AbortSignal[] = [];
    const work = async (signal: AbortSignal) => void signals.push(signal);
    for (let i = 0; i < 20; i++) await tryAgain({ tries: 1, tryMs: 2_300, budgetMs: 2_300 }, work);
    expect(signals.filter(({ aborted }) => aborted)).toEqual([]);
  });

  it('never repeats what was refused', async () => {
    const work = failing(1, new Error('no'));
    await expect(tryAgain(NEVER_PAUSING, work)).rejects.toThrow('no');
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('pauses twice as long each time, with a share of chance', () => {
    expect([2, 3, 4].map((next) => pauseMs(next, 0))).toEqual([100, 200, 400]);
    expect([2, 3, 4].map((next) => pauseMs(next, 1))).toEqual([200, 400, 800]);
  });

  it('asks for an authorization four times in less than ten seconds', () => {
    expect(AUTHORIZING.tries).toBe(4);
    expect(AUTHORIZING.budgetMs).toBeLessThan(10_000);
    const pauses = [2, 3, 4].reduce((sum, next) => sum + pauseMs(next, 1), 0);
    expect(AUTHORIZING.budgetMs - 3 * AUTHORIZING.tryMs - pauses).toBeGreaterThan(1_000);
  });
});

import { jest } from '@jest/globals';
import { BackgroundJob, type JobOptions, type RunResult } from './background-job.js';

/** Virtual time for what `work` does; a job of it, how often it began, and what it reported. */
function scene(
  work: (run: number, signal: AbortSignal) => Promise<RunResult> | Promise<void>,
  pauses?: Partial<JobOptions>,
) {
  const seen = { runs: 0, failures: [] as unknown[] };
  const job = new BackgroundJob(
    (signal) => {
      seen.runs++;
      return work(seen.runs, signal);
    },
    { intervalMs: 1_000, onFailure: (error) => seen.failures.push(error), ...pauses },
  );
  return { job, seen };
}

const nothing = async () => {};
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('a background job', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0); // whoever stops a job leaves nothing behind
    jest.useRealTimers();
  });

  it('runs at once, then after each interval, until it is stopped', async () => {
    const { job, seen } = scene(nothing);
    job.start();
    job.start();
    expect(seen.runs).toBe(1);
    await pass(999);
    expect(seen.runs).toBe(1);
    await pass(1);
    expect(seen.runs).toBe(2);
    await job.stop();
    await pass(10_000);
    expect(seen.runs).toBe(2);
  });

  it('waits before its first run where that is asked for', async () => {
    const { job, seen } = scene(nothing, { firstAfterMs: 60_000 });
    job.start();
    await pass(59_999);
    expect(seen.runs).toBe(0);
    await pass(1);
    expect(seen.runs).toBe(1);
    await job.stop();
  });

  it('never runs twice at a time: the pause begins when the run has ended', async () => {
    const run = Promise.withResolvers<void>();
    const { job, seen } = scene(() => run.promise);
    job.start();
    await pass(5_000);
    expect(seen.runs).toBe(1);
    run.resolve();
    await pass(999);
    expect(seen.runs).toBe(1);
    await pass(1);
    expect(seen.runs).toBe(2);
    await job.stop();
  });

  it.each([
    ['done', 1_000],
    ['more', 400],
    ['failed', 5_000],
  ] as const)('pauses after a run that says "%s" for %i ms', async (result, ms) => {
    const { job, seen } = scene(async () => result, { moreAfterMs: 400, failedAfterMs: 5_000 });
    job.start();
    await pass(ms - 1);
    expect(seen.runs).toBe(1);
    await pass(1);
    expect(seen.runs).toBe(2);
    await job.stop();
    expect(seen.failures).toEqual([]);
  });

  it('goes on at once while there is more, and lets others have their turn', async () => {
    const { job, seen } = scene(async (run) => (run < 100 ? 'more' : 'done'));
    let turns = 0;
    const other = setInterval(() => turns++, 1);
    job.start();
    await pass(500);
    clearInterval(other);
    expect(seen.runs).toBe(100);
    expect(turns).toBe(500);
    await job.stop();
  });

  it('reports what a run throws, and tries again after its pause', async () => {
    const wrong = [new Error('late'), new Error('at once')];
    const { job, seen } = scene(
      (run): Promise<void> => {
        if (run === 2) throw wrong[1];
        return run === 1 ? Promise.reject(wrong[0]) : nothing();
      },
      { failedAfterMs: 5_000 },
    );
    job.start();
    await pass(4_999);
    expect(seen).toEqual({ runs: 1, failures: [wrong[0]] });
    await pass(1);
    expect(seen).toEqual({ runs: 2, failures: wrong });
    await pass(5_000);
    expect(seen).toEqual({ runs: 3, failures: wrong });
    await job.stop();
  });

  it('is woken from its pause', async () => {
    const { job, seen } = scene(nothing);
    job.start();
    await pass(10);
    job.wake();
    await pass(0);
    expect(seen.runs).toBe(2);
    await pass(999);
    expect(seen.runs).toBe(2);
    await job.stop();
  });

  it('runs once more, and only once, when it is woken during a run', async () => {
    const run = Promise.withResolvers<void>();
    const { job, seen } = scene(() => run.promise);
    job.start();
    job.wake();
    job.wake();
    run.resolve();
    await pass(999);
    expect(seen.runs).toBe(2);
    await job.stop();
  });

  it('waits at its stop for the run at hand, which learns of it, and begins no other', async () => {
    const run = Promise.withResolvers<RunResult>();
    let told: AbortSignal | undefined;
    const { job, seen } = scene((_, signal) => {
      told = signal;
      return run.promise;
    });
    job.start();
    expect(told?.aborted).toBe(false);
    let stopped = false;
    const stop = job.stop().then(() => {
      stopped = true;
    });
    job.wake();
    await pass(60_000);
    expect([told?.aborted, stopped]).toEqual([true, false]);
    run.resolve('more');
    await stop;
    expect(seen.runs).toBe(1);
  });

  it('can be stopped before it began, during its first pause and twice', async () => {
    const never = scene(nothing);
    await never.job.stop();
    never.job.start();
    const early = scene(nothing, { firstAfterMs: 1_000 });
    early.job.start();
    await Promise.all([early.job.stop(), early.job.stop()]);
    await pass(10_000);
    expect([never.seen.runs, early.seen.runs]).toEqual([0, 0]);
  });
});

import { jest } from '@jest/globals';
import { Readiness } from './index.js';

afterEach(() => jest.useRealTimers());

describe('readiness', () => {
  it('is there only between start and end', async () => {
    const readiness = new Readiness();
    expect(await readiness.report()).toEqual({ ready: false, checks: { app: 'starting' } });
    readiness.started();
    expect((await readiness.report()).ready).toBe(true);
    readiness.draining();
    readiness.started();
    expect(await readiness.report()).toEqual({ ready: false, checks: { app: 'draining' } });
  });

  it('needs every check, and tells what is wrong', async () => {
    const readiness = new Readiness();
    readiness.add('good', async () => undefined);
    readiness.add('bad', async () => 'the disk is full');
    readiness.add('broken', async () => {
      throw new Error('no route to host');
    });
    readiness.started();
    const checks = { good: 'ok', bad: 'the disk is full', broken: 'no route to host' };
    expect(await readiness.report()).toEqual({ ready: false, checks });
  });

  it('does not wait for a check that hangs', async () => {
    jest.useFakeTimers();
    const readiness = new Readiness();
    readiness.add('hangs', () => new Promise(() => {}));
    readiness.started();
    const report = readiness.report();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await report).toEqual({ ready: false, checks: { hangs: 'no answer in 2000 ms' } });
  });

  it('tells what operators should know, and serves all the same', async () => {
    const readiness = new Readiness();
    readiness.started();
    readiness.note('configuration', 'refused');
    expect(await readiness.report()).toEqual({ ready: true, checks: {}, notes: { configuration: 'refused' } });
    readiness.note('configuration', undefined);
    expect(await readiness.report()).toEqual({ ready: true, checks: {} });
  });

  it('needs what all replicas share once, and tells of it later without leaving the balancer', async () => {
    const readiness = new Readiness();
    let away: string | undefined = 'cannot be reached: orders';
    readiness.addUntilMet('upstreams', async () => away);
    readiness.started();
    expect(await readiness.report()).toEqual({ ready: false, checks: { upstreams: 'cannot be reached: orders' } });
    away = undefined;
    expect(await readiness.report()).toEqual({ ready: true, checks: { upstreams: 'ok' } });
    away = 'cannot be reached: users';
    expect(await readiness.report()).toEqual({
      ready: true,
      checks: {},
      notes: { upstreams: 'cannot be reached: users' },
    });
  });

  it('refuses two checks of one name', () => {
    const readiness = new Readiness();
    readiness.add('database', async () => undefined);
    expect(() => readiness.add('database', async () => undefined)).toThrow('two readiness checks');
  });
});

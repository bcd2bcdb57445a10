import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { sharedStore } from '#libs/testing';

/** The program as people start it: from its source, by Node alone. */
async function load(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const run = spawn(process.execPath, ['test/load/load.mjs', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([text(run.stdout), text(run.stderr), once(run, 'exit')]);
  return { code, stdout, stderr };
}

describe('the load of orders', () => {
  it('places orders that end, and tells how many per second, how long they took and what was answered', async () => {
    const { gateway } = await sharedStore();
    const size = ['--seconds', '4', '--warm-up', '2', '--buyers', '3', '--products', '2'];
    const { code, stdout, stderr } = await load('--url', `http://127.0.0.1:1,${gateway.url}`, ...size);
    expect([code, stderr]).toEqual([0, expect.stringContaining('5 of 6 s  measured')]);
    const [, perSecond, orders] = /^orders ended per second +([\d.]+) \((\d+) in 4\.\d s\)$/m.exec(stdout) ?? [];
    expect(Number(orders)).toBeGreaterThan(0);
    expect(Number(perSecond)).toBeCloseTo(Number(orders) / 4, 0);
    const [, p50, p99] = /^seconds from submit to end +p50 ([\d.]+), p99 ([\d.]+)$/m.exec(stdout) ?? [];
    expect(Number(p99)).toBeGreaterThanOrEqual(Number(p50));
    const answers = [...stdout.matchAll(/^ +(\d+) {2}(.+)$/gm)];
    expect(answers.map(([, , answer]) => answer)).toEqual(['201 CONFIRMED']);
    expect(Number(answers[0]?.[1])).toBeGreaterThanOrEqual(Number(orders));
  }, 300_000);

  it('does not begin where it must not, or with a number that is none', async () => {
    expect(await load('--url', 'https://shop.example')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no load goes to shop.example'),
    });
    expect(await load('--buyers', '1000')).toMatchObject({ code: 2, stderr: expect.stringContaining('--buyers 1000') });
  });
});

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Field } from './field.js';
import { OURS } from './gateways/ours.js';
import { runLoad } from './load/start-load.js';
import { CASES, type ShopCase } from './shop/shop.js';

/** The benchmark as people start it. */
async function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const run = promisify(execFile)(process.execPath, ['test/bench/run.mjs', ...args]);
  return run.then(
    (output) => ({ code: 0, ...output }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

/** Cells of the lines of all tables, by the name of the gateway: what it costs, and requests per second. */
function figures(stdout: string, gateway: string): number[][] {
  const lines = stdout.split('\n').filter((line) => line.startsWith(`| ${gateway} `));
  return lines.map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return [Number.parseFloat(cells[2] ?? ''), Number.parseFloat(cells[5] ?? '')];
  });
}

describe('the benchmark', () => {
  it('measures both configurations of our gateway, checking every answer, log line and span', async () => {
    const short = [
      '--without-go',
      '--rounds',
      '1',
      '--seconds',
      '0.4',
      '--warm-up',
      '0',
      '--connections',
      '4',
      '--rate',
      '20',
    ];
    const { code, stdout, stderr } = await bench('--gateways', 'ours,ours-protected', ...short);
    expect([code, stderr]).toEqual([0, expect.stringContaining('round 1 of 1  create ours, protected')]);
    for (const gateway of ['ours', 'ours, protected']) {
      const costs = figures(stdout, gateway);
      expect(costs).toHaveLength(3);
      for (const [micros, perSecond] of costs) {
        expect(micros).toBeGreaterThan(10);
        expect(perSecond).toBeGreaterThan(0);
      }
    }
  }, 60_000);

  it('says what there is, and refuses what is not', async () => {
    expect(await bench('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--idle') });
    expect(await bench('--gateways', 'kong')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there are ours,'),
    });
    expect(await bench('--rounds', '0')).toMatchObject({ code: 2, stderr: expect.stringContaining('--rounds 0') });
  });

  it('has no figure for a gateway that asks the service for something else, or answers something else', async () => {
    const field = await Field.prepare({ withGo: false });
    try {
      const [gateway] = OURS;
      if (!gateway) throw new Error('there is no gateway of ours');
      const running = await field.start(gateway);
      const loadOf = (shopCase: ShopCase) =>
        runLoad(
          field.loadProgram,
          { ...field.jobFor(running, shopCase), mode: 'closed', connections: 1, seconds: 0.1 },
          { begin: () => undefined, close: () => undefined },
        );
      const { list } = CASES;
      await expect(loadOf(list)).resolves.toMatchObject({ seconds: 0.1 });
      const other = { ...list, target: list.target.replace('50', '49') };
      await expect(loadOf(other)).rejects.toThrow(/answered 400 instead of 200.*this is not what was asked/);
      await expect(loadOf({ ...list, response: { ...list.response, nextPageToken: 'x' } })).rejects.toThrow(
        'not the same JSON',
      );
    } finally {
      await field.clear();
    }
  }, 60_000);
});

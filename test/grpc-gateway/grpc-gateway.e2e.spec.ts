import { execFileSync, spawnSync } from 'node:child_process';

/** The check as people start it. */
function run(...args: string[]): { code: number | null; output: string } {
  const command = ['--disable-warning=ExperimentalWarning', 'test/grpc-gateway/run.mjs', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

function hasGo(): boolean {
  try {
    return /go1\.(2[6-9]|[3-9]\d)/.test(execFileSync('go', ['version'], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}

describe('the check against grpc-gateway', () => {
  it('says what there is, and refuses what is not', () => {
    expect(run('--help')).toMatchObject({ code: 0, output: expect.stringContaining('--requests N') });
    expect(run('--requests', '0')).toMatchObject({ code: 2, output: expect.stringContaining('--requests 0') });
  });

  if (hasGo()) {
    it('finds no disagreement that is not explained in 300 random requests', () => {
      const { code, output } = run('--requests', '300');
      expect([code, output]).toEqual([0, expect.stringMatching(/300 requests \(seed \d+\), answered by grpc-gateway/)]);
    }, 120_000);
  } else {
    it.skip('compares nothing here: there is no Go 1.26 to build grpc-gateway with', () => undefined);
  }
});

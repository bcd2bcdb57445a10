import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOrphans, identify } from '#libs/embedded';

describe('what a killed launcher left running', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ineedthatfast-orphans-'));
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function running(program = 'setInterval(() => {}, 1000)'): ChildProcess & { pid: number } {
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    return Object.assign(child, { pid: child.pid ?? 0 });
  }

  it('is ended, each process that is still the one which was noted', async () => {
    const orphan = running();
    const ended = once(orphan, 'exit');
    mkdirSync(join(folder, 'pids'), { recursive: true });
    writeFileSync(join(folder, 'pids', 'orders.pid.json'), JSON.stringify(identify(orphan.pid)));
    expect(await endOrphans(folder, 'SIGTERM')).toEqual(['pids/orders.pid.json']);
    expect((await ended)[1]).toBe('SIGTERM');
    expect(existsSync(join(folder, 'pids', 'orders.pid.json'))).toBe(false);
  });

  it('is never mistaken for a stranger that has the same pid now', async () => {
    const stranger = running();
    writeFileSync(join(folder, 'orders.pid.json'), JSON.stringify({ pid: stranger.pid, started: 'long ago' }));
    writeFileSync(join(folder, 'users.pid.json'), '{"pid":');
    expect(await endOrphans(folder, 'SIGTERM')).toEqual([]);
    expect(identify(stranger.pid)).toBeDefined();
  });
});

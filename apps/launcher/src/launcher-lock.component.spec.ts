import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from '#libs/embedded';
import { AlreadyRunningError, lock } from './launcher-lock.js';

describe('the lock of a store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ineedthatfast-lock-'));
  const file = join(folder, 'launcher.pid.json');

  afterAll(() => rmSync(folder, { recursive: true }));

  it('refuses a second launcher and names the process of the first', () => {
    const unlock = lock(file, folder);
    expect(() => lock(file, folder)).toThrow(AlreadyRunningError);
    expect(() => lock(file, folder)).toThrow(`its launcher is process ${process.pid}`);
    unlock();
    expect(existsSync(file)).toBe(false);
  });

  it('is taken over from a launcher that was killed', async () => {
    const launcher = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    writeFileSync(file, JSON.stringify(identify(launcher.pid ?? 0)));
    expect(() => lock(file, folder)).toThrow(`its launcher is process ${launcher.pid}`);
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    lock(file, folder)();
  });

  it('does not count for a process that got the pid of a dead launcher', () => {
    writeFileSync(file, JSON.stringify({ pid: process.pid, started: 'yesterday' }));
    lock(file, folder)();
  });
});

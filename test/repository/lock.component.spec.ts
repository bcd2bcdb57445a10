import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

describe('the lock file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ineedthatfast-lock-file-'));
  const script = resolve('scripts/complete-lock.mjs');
  const complete = (cwd: string, ...flags: string[]) =>
    spawnSync(process.execPath, [script, ...flags], { cwd, encoding: 'utf8' });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('has the packages of every platform: completing it changes nothing', () => {
    expect(complete('.', '--check')).toMatchObject({ status: 0, stderr: '' });
  });

  it('is found wanting when a platform is left out, and completed', () => {
    cpSync('package-lock.json', join(folder, 'package-lock.json'));
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    delete lock.packages['node_modules/@swc/core-darwin-arm64'];
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    const checked = complete(folder, '--check');
    expect(checked.status).toBe(1);
    expect(checked.stderr).toContain('leaves out node_modules/@swc/core-darwin-arm64');
    expect(complete(folder).status).toBe(0);
    expect(complete(folder, '--check').status).toBe(0);
  });
});

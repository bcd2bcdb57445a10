import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '#libs/embedded';

/**
 * The path of schemathesis, installed by hash into a virtual environment of its own below the cache; once per
 * requirements.txt. @throws saying what to install
 */
export function schemathesis(folder: string): string {
  const requirements = join(folder, 'requirements.txt');
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const environment = join(cacheFolder(), `schemathesis-${hash}`);
  const program = join(environment, 'bin', 'st');
  if (existsSync(program)) return program;
  console.log(`Installing schemathesis into ${environment}`);
  try {
    need('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'], 'Python 3.10 or later');
    need('python3', ['-m', 'venv', environment], 'venv of Python (Debian: apt install python3-venv)');
    const pip = ['install', '--quiet', '--require-hashes', '--no-deps', '-r', requirements];
    need(join(environment, 'bin', 'pip'), pip, 'a way to pypi.org');
    return program;
  } catch (error) {
    rmSync(environment, { recursive: true, force: true });
    throw error;
  }
}

function need(command: string, args: string[], what: string): void {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`check:api needs ${what}: ${command} failed`);
}

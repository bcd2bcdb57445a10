import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '#libs/embedded';

export interface PythonPackages {
  /** Of the environment, for its folder. */
  readonly name: string;
  /** Path of a requirements.txt in which every package has its hashes. */
  readonly requirements: string;
  /** The command that needs it, for messages. */
  readonly neededBy: string;
}

/**
 * A virtual environment with these packages, installed by hash below the cache; once per requirements.txt. Returns the
 * folder of its programs. @throws saying what to install
 */
export function pythonPrograms({ name, requirements, neededBy }: PythonPackages): string {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const environment = join(cacheFolder(), `${name}-${hash}`);
  const programs = join(environment, 'bin');
  const complete = join(environment, 'complete');
  if (existsSync(complete)) return programs;
  console.log(`Installing ${name} into ${environment}`);
  const need = (command: string, args: string[], what: string) => {
    const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0) throw new Error(`${neededBy} needs ${what}: ${command} failed`);
  };
  rmSync(environment, { recursive: true, force: true });
  need('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'], 'Python 3.10 or later');
  need('python3', ['-m', 'venv', environment], 'venv of Python (Debian: apt install python3-venv)');
  const pip = ['install', '--quiet', '--require-hashes', '--no-deps', '-r', requirements];
  need(join(programs, 'pip'), pip, 'a way to pypi.org');
  need('touch', [complete], `to write to ${environment}`);
  return programs;
}

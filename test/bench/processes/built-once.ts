import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '#libs/embedded';
import { MissingToolError } from './missing-tool.js';

/** A folder below the cache that `build` fills, once for each state of these folders of sources. */
export function builtOnce(name: string, sources: readonly string[], build: (folder: string) => void): string {
  const folder = join(cacheFolder(), `bench-${name}-${digest(sources)}`);
  if (existsSync(folder)) return folder;
  // Under another name until it is whole: a build that was broken off is not taken for one.
  const unfinished = `${folder}.${process.pid}`;
  console.error(`Building ${name} into ${folder}`);
  mkdirSync(dirname(folder), { recursive: true });
  try {
    build(unfinished);
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** Runs a step of a build. @throws MissingToolError with what the program said */
export function step(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): void {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (error)
    throw new MissingToolError(`${command} cannot be run (${error.message}): is it installed, and on the PATH?`);
  if (status !== 0)
    throw new MissingToolError(`${command} ${args.join(' ')} failed: ${(stderr + stdout).trim().slice(-1000)}`);
}

function digest(sources: readonly string[]): string {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' }).sort()) {
      const file = join(source, name);
      if (statSync(file).isFile()) hash.update(name).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex').slice(0, 12);
}

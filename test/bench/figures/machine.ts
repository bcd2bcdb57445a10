import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** What the figures were measured on, in a line. */
export function machine(): string {
  const processors = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${processors.length} cores (${processors[0]?.model.trim()}), ${memory}, ${type()} ${release()}`;
}

/** Processes that wanted to run in the last minute, on average: what else the machine had to do. */
export function loadNow(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

/** The commit that is measured, or that there is more than a commit. */
export function revision(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    const commit = git('rev-parse', '--short=12', 'HEAD');
    return git('status', '--porcelain', '--untracked-files=no', '--', 'apps', 'libs') === ''
      ? commit
      : `${commit} and changes`;
  } catch {
    return 'no commit';
  }
}

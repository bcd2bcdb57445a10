import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { numbersIn } from '../figures/proc-files.js';

/** Lists of cores as taskset takes them: the gateway has one for itself. */
export interface Cores {
  readonly gateway: string;
  /** Of the load, the service and this process. */
  readonly others: string;
}

/** Undefined where there is no taskset, or a single core: nothing is pinned then. */
export function shareCores(): Cores | undefined {
  const allowed = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const [gateway, ...others] = numbersIn(allowed);
  if (gateway === undefined || others.length === 0) return undefined;
  if (spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status !== 0) return undefined;
  return { gateway: String(gateway), others: others.join(',') };
}

/** Keeps this process, with its threads, off the core of the gateway. */
export function leaveCore({ others }: Cores): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', others, String(process.pid)], { stdio: 'ignore' });
}

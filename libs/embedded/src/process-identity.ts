import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { errorCode } from './error-code.js';
import { waitFor } from './waiting.js';

/** A process and when it was started: a pid alone may meanwhile belong to somebody else. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque start time as the operating system tells it. */
  started: string;
}

function startTime(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return linuxStartTime(pid);
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined; // no such process
  }
}

/** Ticks since boot, hence with the boot's own id before it. */
function linuxStartTime(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // proc(5): the name in parentheses may hold spaces; after it the state is field 3 and the start time field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie is gone once its other threads are: until then they hold its ports.
  if (fields[0] === 'Z' && readdirSync(`/proc/${pid}/task`).length <= 1) return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
}

/** The identity of a live process; undefined when there is none with this pid (or only a zombie). */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = startTime(pid);
  return started === undefined ? undefined : { pid, started };
}

/** The command line of a live process, its arguments parted by spaces; undefined when there is none. */
export function commandLine(pid: number): string | undefined {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

export const isAlive = (identity: ProcessIdentity): boolean => startTime(identity.pid) === identity.started;

function send(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    if (isAlive(identity)) process.kill(identity.pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error; // it ended meanwhile
  }
}

/**
 * Ends exactly this process: the signal, and SIGKILL when it is still there after `patience` milliseconds.
 * Does nothing when it is gone already or its pid has a new owner.
 */
export async function endProcess(identity: ProcessIdentity, signal: NodeJS.Signals, patience = 10_000): Promise<void> {
  send(identity, signal);
  const gone = () => !isAlive(identity);
  const what = `process ${identity.pid} to end`;
  await waitFor(gone, { timeout: patience, interval: 25, what }).catch(async () => {
    send(identity, 'SIGKILL');
    await waitFor(gone, { timeout: 5000, interval: 25, what });
  });
}

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpuTicks, residentBytes } from '../figures/proc-files.js';

let ticksPerSecond: number | undefined;

/** CPU time until now of a process, all its threads, and the processes it has started: microseconds. */
export function cpuMicros(pid: number): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const ticks = familyOf(pid).reduce((sum, member) => sum + cpuTicks(readFileSync(`/proc/${member}/stat`, 'utf8')), 0);
  return (ticks * 1_000_000) / ticksPerSecond;
}

/** Resident memory of a process and the processes it has started, in MiB. */
export function residentMebibytes(pid: number): number {
  const bytes = familyOf(pid).map((member) => residentBytes(readFileSync(`/proc/${member}/status`, 'utf8')));
  return bytes.reduce((sum, value) => sum + value, 0) / 2 ** 20;
}

function familyOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

/** Fields of /proc/PID/stat, counted from the one after the name (proc_pid_stat(5): utime is the 14th, stime the 15th). */
const UTIME = 11;
const STIME = 12;

/**
 * CPU time of a process in clock ticks, user and system, of all its threads, from the text of /proc/PID/stat.
 * @throws when it is no such text
 */
export function cpuTicks(stat: string): number {
  // The name of the program stands in parentheses, and may have spaces and parentheses of its own.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[UTIME]), Number(fields[STIME])];
  if (!stat.includes(')') || !Number.isSafeInteger(user) || !Number.isSafeInteger(system)) {
    throw new Error(`this is no /proc/PID/stat: ${stat.slice(0, 80)}`);
  }
  return user + system;
}

/** Resident memory in bytes, from the text of /proc/PID/status. @throws when it is no such text */
export function residentBytes(status: string): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('there is no VmRSS in /proc/PID/status');
  return Number(kibibytes) * 1024;
}

/** Numbers of a list as the kernel writes it: 0-2,5. */
export function numbersIn(list: string): number[] {
  return list
    .trim()
    .split(',')
    .filter(Boolean)
    .flatMap((part) => {
      const [first = '', last = first] = part.split('-');
      return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index);
    });
}

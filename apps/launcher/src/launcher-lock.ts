import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { errorCode, identify, isAlive, type ProcessIdentity } from '#libs/embedded';

/** Another launcher runs this store. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';

  constructor(folder: string, pid: number) {
    super(
      `The store in ${folder} is already running: its launcher is process ${pid}. Stop it with Ctrl-C there, or: kill ${pid}`,
    );
  }
}

/**
 * Makes this process the only launcher of a store. The lock of a launcher that is gone does not count.
 * @returns what gives the lock back  @throws AlreadyRunningError naming the process
 */
export function lock(file: string, folder: string): () => void {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    if (!tryLink(own, file)) {
      const holder = lockHolder(file);
      if (holder) throw new AlreadyRunningError(folder, holder.pid);
      rmSync(file, { force: true });
      if (!tryLink(own, file)) throw new AlreadyRunningError(folder, lockHolder(file)?.pid ?? 0);
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(file, { force: true });
}

/** The live launcher that holds the lock, if one does. */
export function lockHolder(file: string): ProcessIdentity | undefined {
  try {
    const identity: ProcessIdentity = JSON.parse(readFileSync(file, 'utf8'));
    return isAlive(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}

// A link appears with its content, and only one of two launchers gets it.
function tryLink(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

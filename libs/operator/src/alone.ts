import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 2_000;
const PAUSE_MS = 20;

/**
 * Runs `work` while no other process that asks here works on `file`, by the lock `<file>.lock`. The folder of the file is
 * made if need be, for its owner only. False, and nothing done, where another one has the lock for two seconds.
 */
export async function alone(file: string, work: () => void): Promise<boolean> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const lock = `${file}.lock`;
  const until = Date.now() + PATIENCE_MS;
  while (!taken(lock)) {
    if (Date.now() >= until) return false;
    await delay(PAUSE_MS);
  }
  try {
    work();
  } finally {
    rmSync(lock);
  }
  return true;
}

function taken(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600));
    return true;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

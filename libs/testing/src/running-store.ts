import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, identify, repositoryFolder, waitFor } from '#libs/embedded';

/** A store that the launcher runs in a folder of its own, as `npm start` does. */
export interface RunningStore {
  /** What stack.json says once everything is ready. @throws with the end of the launcher's output when it gives up */
  ready(): Promise<Record<string, unknown>>;
  /** Asks for an orderly stop and waits for it. */
  stop(): Promise<void>;
}

/** Starts the built launcher on free ports with all its data below `folder`. */
export function runStore(folder: string, environment: NodeJS.ProcessEnv = {}): RunningStore {
  const output = join(folder, 'launcher.log');
  const launcher = spawnLauncher(folder, output, environment);
  const identity = launcher.pid === undefined ? undefined : identify(launcher.pid);
  const stack = join(folder, 'stack.json');
  const look = () => {
    if (launcher.exitCode !== null) throw new Error(`the store did not start:\n${lastLines(output)}`);
    return existsSync(stack) && JSON.parse(readFileSync(stack, 'utf8'));
  };
  return {
    ready: () => waitFor(look, { timeout: 180_000, what: `the store to be ready, see ${output}` }),
    stop: async () => {
      if (identity) await endProcess(identity, 'SIGTERM', 60_000);
    },
  };
}

function spawnLauncher(folder: string, output: string, environment: NodeJS.ProcessEnv): ChildProcess {
  const log = openSync(output, 'a', 0o600);
  const launcher = spawn(process.execPath, ['dist/apps/launcher/src/main.js', 'start'], {
    cwd: repositoryFolder(),
    env: { ...process.env, STORE_DIR: folder, STORE_PORT_OFFSET: 'any', ...environment },
    stdio: ['ignore', log, log],
    detached: true, // Ctrl-C must not reach it before the tests have ended
  });
  closeSync(log);
  return launcher;
}

const lastLines = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-20).join('\n');

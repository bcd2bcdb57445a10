import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  endProcess,
  identify,
  readStack,
  removePostgres,
  repositoryFolder,
  type StackDescription,
  waitFor,
} from '#libs/embedded';

const launcher = 'dist/apps/launcher/src/main.js';

/** A store that the launcher runs in a folder of its own, as `npm start` does. */
export interface RunningStore {
  /** Resolves with its addresses once everything is ready. @throws with the end of its output when it gives up */
  ready(): Promise<StackDescription>;
  /** Its addresses and process ids as they are now. @throws when it is not ready */
  stack(): Promise<StackDescription>;
  /** `npm run store -- stop kafka` */
  operate(verb: 'start' | 'stop' | 'restart' | 'status', part?: string): Promise<string>;
  /** Stops it in order and deletes its folder, unless TEST_KEEP_STORES is set: then logs and data stay. */
  stop(): Promise<void>;
}

/**
 * Starts the built launcher on free ports with all its data below `folder`, which is made. It ends with this process.
 * Without OTEL_* in `environment` it records no traces.
 */
export function runStore(folder: string, environment: NodeJS.ProcessEnv = {}): RunningStore {
  mkdirSync(folder, { recursive: true });
  const output = join(folder, 'launcher.log');
  const place = { OTEL_TRACES_EXPORTER: 'none', ...environment, STORE_DIR: folder, STORE_PORT_OFFSET: 'any' };
  const child = spawnLauncher(output, place);
  const stackFile = join(folder, 'stack.json');
  const look = () => {
    if (child.exitCode !== null) throw new Error(`the store did not start:\n${lastLines(output)}`);
    return readStack(stackFile);
  };
  return {
    ready: () => waitFor(look, { timeout: 180_000, what: `the store to be ready, see ${output}` }),
    stack: async () => look() ?? Promise.reject(new Error('the store is not ready')),
    operate: async (verb, part = '') => {
      const env = { ...process.env, ...place };
      const args = [launcher, 'store', verb, part];
      return (await promisify(execFile)(process.execPath, args, { cwd: repositoryFolder(), env })).stdout;
    },
    stop: () => stopStore(child, folder),
  };
}

function spawnLauncher(output: string, place: NodeJS.ProcessEnv): ChildProcess {
  const log = openSync(output, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [launcher, 'start', '--until-input-ends', ...(keepStores() ? [] : ['--clear-at-end'])],
    {
      cwd: repositoryFolder(),
      env: { ...process.env, ...place },
      stdio: ['pipe', log, log],
      detached: true, // Ctrl-C must not reach it before the tests have ended
    },
  );
  closeSync(log);
  return child;
}

async function stopStore(child: ChildProcess, folder: string): Promise<void> {
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity) await endProcess(identity, 'SIGTERM', 90_000);
  if (keepStores()) return;
  removePostgres(join(folder, 'postgres')); // when the launcher was killed, it could not
  rmSync(folder, { recursive: true, force: true });
}

const keepStores = (): boolean => Boolean(process.env.TEST_KEEP_STORES);
const lastLines = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-20).join('\n');

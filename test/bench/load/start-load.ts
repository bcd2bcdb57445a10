import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onCores, type Program, plainEnvironment } from '../processes/started-process.js';
import type { LoadEvent, LoadJob, LoadResult } from './load-job.js';

/** A program of load, and the cores it runs on. */
export interface LoadProgram extends Program {
  readonly cores: string | undefined;
}

export interface Watched {
  /** The window that is measured opens and closes: called as soon as the program says so. */
  begin(): void;
  close(): void;
}

/** Runs a load to its end. @throws with the first wrong answer */
export async function runLoad(program: LoadProgram, job: LoadJob, watched: Watched): Promise<LoadResult> {
  let result: LoadResult | undefined;
  const child = start(program, job);
  await follow(child, (event) => {
    if (event.event === 'begin') watched.begin();
    else if (event.event === 'close') watched.close();
    else if (event.event === 'end') result = event;
  });
  if (!result) throw new Error('the load ended without a result');
  return result;
}

/** Opens connections and keeps them while `work` runs. @throws with the first wrong answer, or connection that was closed */
export async function whileHeld<T>(program: LoadProgram, job: LoadJob, work: () => Promise<T>): Promise<T> {
  const child = start(program, job);
  const held = Promise.withResolvers<void>();
  const ended = follow(child, ({ event }) => {
    if (event === 'held') held.resolve();
  });
  const lost = ended.then(() => Promise.reject(new Error('the load ended by itself')));
  try {
    return await Promise.race([held.promise.then(work), lost]);
  } finally {
    lost.catch(() => undefined);
    child.stdin?.end();
    await ended.catch(() => undefined);
  }
}

function start(program: LoadProgram, job: LoadJob): ChildProcess {
  const [command, args] = onCores(program.cores, program);
  const env = { ...plainEnvironment(), ...program.env };
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env, cwd: program.cwd });
  child.stdin?.on('error', () => undefined); // It has ended already: said by its exit.
  child.stdin?.write(`${JSON.stringify(job)}\n`);
  return child;
}

async function follow(child: ChildProcess, told: (event: LoadEvent) => void): Promise<void> {
  const ended = once(child, 'exit');
  if (!child.stdout) throw new Error('the load has no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    const event: LoadEvent = JSON.parse(line);
    if (event.event === 'wrong') throw new Error(event.message);
    told(event);
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`the load ended with ${code}`);
}

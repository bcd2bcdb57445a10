import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '#libs/embedded';

export interface Program {
  readonly program: string;
  readonly args: readonly string[];
  /** Besides PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Start {
  readonly name: string;
  /** Cores as taskset takes them; undefined: any. */
  readonly cores: string | undefined;
  /** Takes what the program writes. */
  readonly logFile: string;
  /** Where it listens on 127.0.0.1 once it has started. */
  readonly port: number;
}

const START_MS = 60_000;
const STOP_MS = 10_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The command that has a program run on these cores: taskset becomes the program, and keeps its process id. */
export function onCores(cores: string | undefined, { program, args }: Program): [command: string, args: string[]] {
  return cores === undefined ? [program, [...args]] : ['taskset', ['--cpu-list', cores, program, ...args]];
}

/** What a program gets of the environment of this process. */
export function plainEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME };
}

/** A server that was started for the benchmark; it ends with this process at the latest. */
export class StartedProcess {
  private readonly child: ChildProcess;
  private readonly start: Start;

  /** Resolves when it listens. @throws with the end of its log when it does not */
  static async start(program: Program, start: Start): Promise<StartedProcess> {
    const [command, args] = onCores(start.cores, program);
    const log = openSync(start.logFile, 'w');
    const env = { ...plainEnvironment(), ...program.env };
    const child = spawn(command, args, { stdio: ['ignore', log, log], env, cwd: program.cwd });
    closeSync(log);
    const started = new StartedProcess(child, start);
    await started.listening();
    return started;
  }

  private constructor(child: ChildProcess, start: Start) {
    this.child = child;
    this.start = start;
    running.add(child);
    child.once('exit', () => running.delete(child));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.start.name} was not started`);
    return this.child.pid;
  }

  get logFile(): string {
    return this.start.logFile;
  }

  /** What it has written until now. */
  log(): string {
    return readFileSync(this.start.logFile, 'utf8');
  }

  /** Ends it, by force if it takes long. */
  async stop(): Promise<void> {
    if (!this.isRunning()) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await Promise.race([ended, delay(STOP_MS, undefined, { ref: false })]);
    if (this.isRunning()) this.child.kill('SIGKILL');
    await ended;
  }

  private isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null && this.child.pid !== undefined;
  }

  private async listening(): Promise<void> {
    const { name, port } = this.start;
    const failed = new Promise<never>((_, reject) => {
      this.child.once('error', (error) => reject(new Error(`${name} cannot be started: ${error.message}`)));
      this.child.once('exit', () => reject(new Error(`${name} ended at once:\n${this.log().slice(-2000)}`)));
    });
    failed.catch(() => undefined); // It may also end later, when nobody waits.
    const what = `${name} to listen on ${port}`;
    await Promise.race([failed, waitFor(() => accepts(port), { timeout: START_MS, what })]);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

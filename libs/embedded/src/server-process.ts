import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { endProcess, identify, type ProcessIdentity } from './process-identity.js';
import { waitFor } from './waiting.js';

export interface ServerCommand {
  /** How error messages call it: "Kafka". */
  name: string;
  command: string;
  arguments: string[];
  /** Standard output and errors are appended here. */
  logFile: string;
  /** Who runs is written here at once, so that a later run finds it when ours crashes. */
  identityFile: string;
  options?: SpawnOptions;
}

export interface Patience {
  /** Milliseconds. */
  timeout: number;
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
}

/**
 * A server that is not ours (PostgreSQL, Kafka, Zipkin) as a child process. It runs in a process group of its own, so that
 * Ctrl-C in the terminal reaches only us and servers are stopped after what uses them.
 */
export class ServerProcess {
  private constructor(
    private readonly command: ServerCommand,
    private readonly child: ChildProcess,
    readonly identity: ProcessIdentity,
  ) {}

  /** @throws when the program cannot be started at all */
  static spawn(command: ServerCommand): ServerProcess {
    const log = openSync(command.logFile, 'a', 0o600);
    const child = spawn(command.command, command.arguments, {
      ...command.options,
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.on('error', () => {}); // told by the missing pid below; an unheard 'error' would end our process
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity === undefined) throw new Error(`${command.name} cannot be started: ${command.command}`);
    writeFileSync(command.identityFile, JSON.stringify(identity), { mode: 0o600 });
    return new ServerProcess(command, child, identity);
  }

  /** Null while it runs, and when a signal ended it. */
  get exitCode(): number | null {
    return this.child.exitCode;
  }

  get exited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  onExit(listener: () => void): void {
    this.child.once('exit', listener);
  }

  /**
   * Resolves when `ready` says true. Otherwise kills it and throws, with the end of its log: when it ends before, when time is
   * over, or when the signal aborts.
   */
  async untilReady(ready: () => Promise<boolean>, { timeout, signal }: Patience): Promise<void> {
    const { name } = this.command;
    const look = async () => {
      signal?.throwIfAborted();
      if (this.exited) throw new Error(`${name} ended while it was starting`);
      return ready();
    };
    await waitFor(look, { timeout, what: `${name} to be ready` }).catch(async (cause: Error) => {
      const said = this.lastLines();
      await this.end('SIGKILL');
      throw new Error(`${cause.message}. The end of ${this.command.logFile}:\n${said}`, { cause });
    });
  }

  /** Sends the signal and waits until the process is gone; SIGKILL after `patience` milliseconds. */
  async end(signal: NodeJS.Signals, patience?: number): Promise<void> {
    if (!this.exited) await endProcess(this.identity, signal, patience);
    // Until we have waited for it its pid is taken, and PostgreSQL refuses to start beside itself.
    if (!this.exited) await once(this.child, 'exit');
  }

  private lastLines(): string {
    return readFileSync(this.command.logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  }
}

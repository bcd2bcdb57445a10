import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, isAlive, type ProcessIdentity } from './process-identity.js';
import type { EmbeddedServer } from './server.js';
import type { ServerProcess } from './server-process.js';

export interface Life {
  /** Starts the process and resolves when it serves. */
  launch(): Promise<ServerProcess>;
  /** Signal that asks for an orderly end. */
  stopSignal: NodeJS.Signals;
  /** The one that launch gave to ServerProcess. */
  identityFile: string;
}

/**
 * Start, stop and kill of one server; the parts of its life that all servers share. Calls take turns: a stop during a
 * start waits for it and then stops.
 */
export class RestartableServer implements EmbeddedServer {
  private process: ServerProcess | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private readonly deathListeners: ((exitCode: number | null) => void)[] = [];

  constructor(private readonly life: Life) {}

  get pid(): number | undefined {
    return this.process?.identity.pid;
  }

  get running(): boolean {
    return this.process !== undefined;
  }

  start(): Promise<void> {
    return this.inTurn(async () => {
      if (this.process) return;
      const started = await this.life.launch();
      this.process = started;
      started.onExit(() => this.died(started));
      if (started.exited) this.died(started);
    });
  }

  stop(): Promise<void> {
    return this.inTurn(() => this.end(this.life.stopSignal));
  }

  kill(): Promise<void> {
    return this.inTurn(() => this.end('SIGKILL'));
  }

  onDeath(listener: (exitCode: number | null) => void): void {
    this.deathListeners.push(listener);
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {}); // told to the caller of `work`; the next one has its own turn
    return done;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const ending = this.process;
    this.process = undefined; // first: its exit is no death
    await ending?.end(signal, 15_000);
    rmSync(this.life.identityFile, { force: true });
  }

  private died(process: ServerProcess): void {
    if (this.process !== process) return;
    this.process = undefined;
    for (const listener of this.deathListeners) listener(process.exitCode);
  }
}

/** Stops what an earlier run of ours left running on the same data, if it did. */
export async function endOrphan(identityFile: string, stopSignal: NodeJS.Signals): Promise<boolean> {
  const orphan = readIdentity(identityFile);
  const running = orphan !== undefined && isAlive(orphan);
  if (running) await endProcess(orphan, stopSignal, 15_000);
  rmSync(identityFile, { force: true });
  return running;
}

/** Stops everything whose identity is kept below the folder (`*.pid.json`) and still runs; gives what it stopped. */
export async function endOrphans(folder: string, signal: NodeJS.Signals): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pid.json'));
  const ended = await Promise.all(files.map((name) => endOrphan(join(folder, name), signal)));
  return files.filter((_, index) => ended[index]);
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, 'utf8'));
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined; // never started, or half written at a crash: then the busy port tells
  }
}

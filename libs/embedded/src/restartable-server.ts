import { readFileSync, rmSync } from 'node:fs';
import { endProcess, type ProcessIdentity } from './process-identity.js';
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

/** Start, stop and kill of one server; the parts of its life that PostgreSQL, Kafka and Zipkin share. */
export class RestartableServer implements EmbeddedServer {
  private process: ServerProcess | undefined;
  private readonly deathListeners: (() => void)[] = [];

  constructor(private readonly life: Life) {}

  get pid(): number | undefined {
    return this.process?.identity.pid;
  }

  get running(): boolean {
    return this.process !== undefined;
  }

  async start(): Promise<void> {
    if (this.process) return;
    const started = await this.life.launch();
    this.process = started;
    started.onExit(() => this.died(started));
    if (started.exited) this.died(started);
  }

  async stop(): Promise<void> {
    await this.end(this.life.stopSignal);
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  onDeath(listener: () => void): void {
    this.deathListeners.push(listener);
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
    for (const listener of this.deathListeners) listener();
  }
}

/** Stops what an earlier run of ours left running on the same data, if it did. */
export async function endOrphan(identityFile: string, stopSignal: NodeJS.Signals): Promise<boolean> {
  const orphan = readIdentity(identityFile);
  if (orphan === undefined) return false;
  await endProcess(orphan, stopSignal, 15_000);
  rmSync(identityFile, { force: true });
  return true;
}

function readIdentity(file: string): ProcessIdentity | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, 'utf8'));
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined; // never started, or half written at a crash: then the busy port tells
  }
}

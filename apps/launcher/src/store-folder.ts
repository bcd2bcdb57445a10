import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removePostgres } from '#libs/embedded';

/** Where things are in the folder of a store (`.run`). The folder is for its owner only: it holds passwords. */
export class StoreFolder {
  constructor(readonly path: string) {}

  get stackFile(): string {
    return this.at('stack.json');
  }

  get lockFile(): string {
    return this.at('launcher.pid.json');
  }

  get operatorFile(): string {
    return this.at('operator.json');
  }

  /** Names the operators of this store, and holds hashes of their tokens. */
  get operatorCredentials(): string {
    return this.at('operators.json');
  }

  /** The token of the operator "local", made for whoever may read this folder. */
  get operatorToken(): string {
    return this.at('operator.token');
  }

  logFile(name: string): string {
    return this.at('logs', `${name}.log`);
  }

  pidFile(name: string): string {
    return this.at('pids', `${name}.pid.json`);
  }

  get pidFolder(): string {
    return this.at('pids');
  }

  server(name: 'postgres' | 'kafka' | 'zipkin'): string {
    return this.at(name);
  }

  create(): void {
    for (const folder of [this.path, this.at('logs'), this.at('pids')])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Random passwords, made at the first start and kept: the data are protected by them. */
  secrets<Name extends string>(names: readonly Name[]): Record<Name, string> {
    const file = this.at('secrets.json');
    const kept: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
    const all = record(names, (name) => kept[name] ?? randomBytes(16).toString('hex'));
    writeAtomically(file, all);
    return all;
  }

  /** Keeps the log of the last start as `<name>.log.1` and lets the new one begin empty. */
  turnLog(name: string): void {
    const file = this.logFile(name);
    if (existsSync(file)) renameSync(file, `${file}.1`);
  }

  /** Deletes exactly what a store writes here, and PostgreSQL's data where they had to be kept elsewhere. */
  clear(): void {
    removePostgres(this.server('postgres'));
    const files = ['secrets.json', 'stack.json', 'operator.json', 'operators.json', 'operator.token'];
    for (const name of ['kafka', 'zipkin', 'logs', 'pids', ...files]) {
      rmSync(this.at(name), { recursive: true, force: true });
    }
  }

  private at(...names: string[]): string {
    return join(this.path, ...names);
  }
}

/** An object with one value for each of the names. */
export function record<Name extends string, T>(names: readonly Name[], of: (name: Name) => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, T>; // fromEntries forgets the names
}

/** Writes JSON so that a reader sees the old or the new file, never a part; readable by its owner only. */
export function writeAtomically(file: string, content: unknown): void {
  const fresh = join(dirname(file), `.${process.pid}.${Date.now()}.new`);
  writeFileSync(fresh, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}

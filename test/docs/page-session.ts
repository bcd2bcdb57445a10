import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** A shell that runs blocks of a page one after the other, as a reader does, and further ones for what goes on running. */
export class PageSession {
  private readonly shell: ChildProcessByStdio<Writable, Readable, null>;
  private readonly terminals: ChildProcess[] = [];
  private output = '';
  private blocks = 0;

  constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    // What goes wrong is part of what a reader sees.
    this.shell = spawn('bash', ['-c', 'exec 2>&1; exec bash'], {
      cwd: folder,
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    this.shell.stdout.on('data', (chunk) => {
      this.output += chunk;
    });
  }

  /** Runs a block to its end. */
  async run(script: string): Promise<{ code: number; output: string }> {
    const mark = `end-of-block-${++this.blocks}`;
    this.output = '';
    this.shell.stdin.write(`${script}\necho "${mark} $?"\n`);
    const end = new RegExp(`${mark} (\\d+)\\n`);
    for (;;) {
      const found = end.exec(this.output);
      if (found) return { code: Number(found[1]), output: this.output.slice(0, found.index) };
      await once(this.shell.stdout, 'data');
    }
  }

  /** Runs a block in a terminal of its own; resolves when it has said `expected`. */
  async open(script: string, expected: string): Promise<void> {
    const terminal = spawn('bash', ['-c', script], { cwd: this.folder, env: this.env, detached: true });
    this.terminals.push(terminal);
    let said = '';
    const add = (chunk: Buffer) => {
      said += chunk;
    };
    terminal.stdout.on('data', add);
    terminal.stderr.on('data', add);
    const ended = once(terminal, 'exit').then(() => {
      throw new Error(`ended before it said "${expected}": ${said}`);
    });
    ended.catch(() => {});
    while (!said.includes(expected)) await Promise.race([once(terminal.stdout, 'data'), ended]);
  }

  /** Ends what runs, children included. */
  async close(): Promise<void> {
    for (const terminal of [this.shell, ...this.terminals]) {
      if (terminal.exitCode !== null || terminal.pid === undefined) continue;
      const exit = once(terminal, 'exit');
      process.kill(-terminal.pid, 'SIGTERM');
      await exit;
    }
  }
}

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { lineForPeople } from './log-line.js';

export interface TailOptions {
  app: string;
  file: string;
  say(line: string): void;
}

const linesPerSecond = 8;

/** The same line many times is told once, with how often. */
function withCounts(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].map(([line, count]) => (count > 1 ? `${line}  (${count} times)` : line));
}

/** Follows the log file of an app and tells its warnings; a flood is cut short with the place of the whole log. */
export class LogTail {
  private offset = 0;
  private rest = '';
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: TailOptions) {
    this.timer = setInterval(() => this.read(), 1000);
  }

  /** Tells what is left and stops. */
  close(): void {
    clearInterval(this.timer);
    this.read();
  }

  private read(): void {
    const lines = this.newLines().flatMap((line) => lineForPeople(this.options.app, line) ?? []);
    const told = withCounts(lines);
    for (const line of told.slice(0, linesPerSecond)) this.options.say(line);
    const more = told.length - linesPerSecond;
    if (more > 0) this.options.say(`${this.options.app} | … and ${more} more lines in ${this.options.file}`);
  }

  private newLines(): string[] {
    const lines = (this.rest + this.newText()).split('\n');
    this.rest = lines.pop() ?? '';
    return lines;
  }

  private newText(): string {
    try {
      const file = openSync(this.options.file, 'r');
      try {
        const buffer = Buffer.alloc(Math.min(fstatSync(file).size - this.offset, 4 * 1024 * 1024));
        this.offset += readSync(file, buffer, 0, buffer.length, this.offset);
        return buffer.toString();
      } finally {
        closeSync(file);
      }
    } catch {
      return ''; // not written yet
    }
  }
}

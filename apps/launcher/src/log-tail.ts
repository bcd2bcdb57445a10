import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { lineForPeople } from './log-line.js';

export interface TailOptions {
  app: string;
  file: string;
  say(line: string): void;
}

const linesPerSecond = 8;

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
    const told = this.newLines().flatMap((line) => lineForPeople(this.options.app, line) ?? []);
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

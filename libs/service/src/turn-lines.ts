import { pino } from 'pino';

/** pino's level of a warning. */
const WARN = 40;
/** Characters that wait at most. */
const MOST = 16_384;

interface Destination {
  write(text: string): unknown;
}

/**
 * Log lines that are written together at the end of a turn of the event loop: a write of its own costs more than making the
 * line. From a warning on they are written at once, with all before them, and all that wait when the process exits; a process
 * that is killed loses at most the lines of its last turn, none of which is a warning.
 */
export class TurnLines {
  /** pino sets {@link lastLevel} on a destination that has this. */
  readonly [pino.symbols.needsMetadataGsym] = true;
  lastLevel = WARN;
  private waiting = '';

  constructor(private readonly destination: Destination) {
    process.on('exit', this.flush);
  }

  write(line: string): void {
    if (this.waiting === '') setImmediate(this.flush);
    this.waiting += line;
    if (this.lastLevel >= WARN || this.waiting.length > MOST) this.flush();
  }

  private readonly flush = (): void => {
    const { waiting } = this;
    if (waiting === '') return;
    this.waiting = '';
    this.destination.write(waiting);
  };
}

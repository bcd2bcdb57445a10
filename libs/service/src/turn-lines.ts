import { pino, symbols } from 'pino';

/** pino's level of a warning. */
const WARN = 40;
/** Characters that wait at most. */
const MOST = 16_384;

interface Destination {
  write(bytes: Buffer): unknown;
}

/**
 * Log lines that are written together at the end of a turn of the event loop: a write of its own costs more than making the
 * line. From a warning on they are written at once, with all before them, and all that wait when the process exits; a process
 * that is killed loses at most the lines of its last turn, none of which is a warning.
 */
export class TurnLines {
  /** pino sets {@link lastLevel} on a destination that has this. */
  readonly [symbols.needsMetadataGsym] = true;
  /** Of the line that is being written. Unset, as for lines that come by another destination, they are written at once. */
  lastLevel = WARN;
  private waiting = '';

  /** The process's own output by default, which is written synchronously. */
  constructor(private readonly destination: Destination = stdout()) {
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
    this.destination.write(Buffer.from(waiting));
  };
}

// Given text it would turn that into bytes twice: to write it, and to see how much of it was written.
function stdout(): Destination {
  const destination = pino.destination({ fd: 1, sync: true, contentMode: 'buffer' });
  // Its types know text alone.
  return { write: (bytes) => destination.write(bytes as Buffer & string) };
}

import { giveUp } from './give-up.js';

// A larger buffer is not kept for the next message.
const KEPT_BYTES = 1_048_576;
const MAX_BYTES = 268_435_456;
// A value that would not fit is not written in part: its last bytes may lie before the end.
const SLACK = 64;

/**
 * The buffer that programs write to, one message after the other. What lies beyond its end is lost, so a program is run until all
 * of what it wrote is held: `do end = run(output.buffer); while (!output.holds(end))`, and then `release`.
 */
export class Output {
  buffer: Buffer;

  constructor(private readonly firstBytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(firstBytes);
  }

  /** Whether all up to `end` was written; where not, there is room for it now. Gives up beyond 256 MiB. */
  holds(end: number): boolean {
    if (end <= this.buffer.length - SLACK) return true;
    this.buffer = Buffer.allocUnsafeSlow(end > MAX_BYTES ? giveUp() : end * 2);
    return false;
  }

  release(): void {
    if (this.buffer.length > KEPT_BYTES) this.buffer = Buffer.allocUnsafeSlow(this.firstBytes);
  }
}

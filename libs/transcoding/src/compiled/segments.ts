import { giveUp } from './give-up.js';

const MOST = 4_096;

/**
 * Where in the output the fields of the messages stand that are being written, innermost last: for putting them in the order
 * of their numbers when a client has sent them in another.
 */
export class Segments {
  private readonly numbers = new Int32Array(MOST);
  private readonly starts = new Int32Array(MOST);
  private readonly ends = new Int32Array(MOST);
  private scratch = Buffer.allocUnsafeSlow(4_096);
  /** How many there are. A message takes it back to what it was before. */
  count = 0;

  add(number: number, start: number, end: number): void {
    if (this.count === MOST) giveUp();
    this.numbers[this.count] = number;
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.count++;
  }

  /** Sorts the fields from `base` on by their numbers; those of the same number stay as they are. */
  reorder(base: number, o: Buffer): void {
    if (this.isInOrder(base)) return;
    const order = Array.from({ length: this.count - base }, (_, index) => base + index);
    order.sort((a, b) => (this.numbers[a] ?? 0) - (this.numbers[b] ?? 0));
    const start = this.starts[base] ?? 0;
    const length = (this.ends[this.count - 1] ?? 0) - start;
    // Beyond the output nothing was written: all is done again with a larger one.
    if (start + length > o.length) return;
    if (this.scratch.length < length) this.scratch = Buffer.allocUnsafeSlow(length * 2);
    let at = 0;
    for (const index of order) at += o.copy(this.scratch, at, this.starts[index], this.ends[index]);
    this.scratch.copy(o, start, 0, at);
  }

  private isInOrder(base: number): boolean {
    for (let i = base + 1; i < this.count; i++) {
      if ((this.numbers[i] ?? 0) < (this.numbers[i - 1] ?? 0)) return false;
    }
    return true;
  }
}

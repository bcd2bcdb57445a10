/** Of messages that are finished in any order: up to where all of them are. */
export class LowWatermark {
  private open: bigint[] = [];
  private first = 0;
  private readonly finished = new Set<bigint>();
  private reached: bigint | undefined;

  /** Offsets are started in ascending order. */
  start(offset: bigint): void {
    this.open.push(offset);
  }

  finish(offset: bigint): void {
    this.finished.add(offset);
    for (
      let next = this.open[this.first];
      next !== undefined && this.finished.delete(next);
      next = this.open[this.first]
    ) {
      this.reached = next + 1n;
      this.first += 1;
    }
    if (this.first > 1_000) this.forget();
  }

  /** The offset to commit: everything before it is finished. Undefined until the first message is. */
  get next(): bigint | undefined {
    return this.reached;
  }

  /** Messages that hold up the watermark, finished or not. */
  get pending(): number {
    return this.open.length - this.first;
  }

  private forget(): void {
    this.open = this.open.slice(this.first);
    this.first = 0;
  }
}

const GROWTH = 1.6;
const JITTER = 0.2;

/** How long to wait before the next attempt: longer each time, never twice the same, never more than `longestMs`. */
export class BackOff {
  private next: number;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
  ) {
    this.next = firstMs;
  }

  /** Milliseconds. */
  pause(): number {
    const pause = this.next * (1 - JITTER + 2 * JITTER * Math.random());
    this.next = Math.min(this.longestMs, this.next * GROWTH);
    return Math.min(this.longestMs, pause);
  }

  reset(): void {
    this.next = this.firstMs;
  }
}

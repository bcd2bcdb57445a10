/** So many calls in a row without one that was answered, over at least this time, and the upstream counts as away. */
const FAILURES = 20;
const LASTING_MS = 1_000;
/** How often one call tries whether it is back. With a jitter: callers of the same upstream do not all try at once. */
const PAUSE_MS = 400;
const JITTER_MS = 200;

/**
 * Fails calls at once while an upstream is away, but for one now and then that tries it: callers wait for nothing, and what
 * comes back is not met by all that has gathered. One answer closes it, whatever it says.
 */
export class CircuitBreaker {
  private failures = 0;
  private failingSince = 0;
  private nextTryAt = 0;

  answered(): void {
    this.failures = 0;
  }

  failed(): void {
    const now = Date.now();
    if (this.failures++ === 0) this.failingSince = now;
    if (this.isOpen(now)) this.nextTryAt = now + PAUSE_MS + Math.random() * JITTER_MS;
  }

  /** Milliseconds until a call may be sent; 0 when this one may. That is then, while the breaker is open, the only one. */
  wait(): number {
    const now = Date.now();
    if (!this.isOpen(now)) return 0;
    const left = this.nextTryAt - now;
    if (left > 0) return left;
    this.nextTryAt = now + PAUSE_MS + Math.random() * JITTER_MS;
    return 0;
  }

  private isOpen(now: number): boolean {
    return this.failures >= FAILURES && now - this.failingSince >= LASTING_MS;
  }
}

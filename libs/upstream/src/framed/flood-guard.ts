import { ConnectionError, ENHANCE_YOUR_CALM } from './protocol.js';

const BURST = 1_000;
const PER_SECOND = 100;

/**
 * Counts what costs work here and gets no call on: frames about the connection, empty ones, those of streams that are over. A
 * server that works sends some of them now and then, and some for each call and for each frame of data that it gets.
 */
export class FloodGuard {
  private left = BURST;
  private since = Date.now();

  /** Throws ConnectionError when there were too many. */
  count(): void {
    if (--this.left >= 0) return;
    const now = Date.now();
    this.left = Math.min(BURST, Math.floor(((now - this.since) / 1_000) * PER_SECOND)) - 1;
    this.since = now;
    if (this.left < 0) throw new ConnectionError(ENHANCE_YOUR_CALM, 'too many frames that bring nothing');
  }

  /** We have sent something that may be answered by so many of them. */
  allow(frames: number): void {
    if (this.left < BURST) this.left = Math.min(BURST, this.left + frames);
  }
}

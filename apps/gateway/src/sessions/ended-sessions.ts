/** Which sessions of one issuer have ended, as far as its feed has told. Kept until their tokens have expired anyway. */
export class EndedSessions {
  /** When each can be forgotten, in epoch milliseconds. */
  private readonly ended = new Map<string, number>();
  private readonly watchers = new Map<string, Set<() => void>>();
  /** When what is known here was all there was, by the monotonic clock. */
  private knownAt = Number.NEGATIVE_INFINITY;

  /** How old what is known is, in milliseconds; Infinity until the feed has told everything once. */
  get ageMs(): number {
    return performance.now() - this.knownAt;
  }

  get size(): number {
    return this.ended.size;
  }

  has(sessionId: string): boolean {
    return this.ended.has(sessionId);
  }

  add(sessionId: string, forgetTime: Date): void {
    if (this.ended.has(sessionId)) return;
    this.ended.set(sessionId, forgetTime.getTime());
    for (const tell of this.watchers.get(sessionId) ?? []) tell();
  }

  /** All that had ended by `asOf` has been added. A time in the future, by a clock ahead of ours, counts as now. */
  toldUntil(asOf: Date): void {
    const now = Date.now();
    this.knownAt = Math.max(this.knownAt, performance.now() - Math.max(0, now - asOf.getTime()));
    for (const [sessionId, forgetTime] of this.ended) if (forgetTime < now) this.ended.delete(sessionId);
  }

  /** Calls `tell` when the session ends, at once when it has; returns how to stop. */
  onEnd(sessionId: string, tell: () => void): () => void {
    if (this.has(sessionId)) tell();
    const watchers = this.watchers.get(sessionId) ?? new Set();
    this.watchers.set(sessionId, watchers.add(tell));
    return () => {
      watchers.delete(tell);
      if (watchers.size === 0 && this.watchers.get(sessionId) === watchers) this.watchers.delete(sessionId);
    };
  }
}

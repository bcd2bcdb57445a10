/** What ends calls: an AbortSignal, or a {@link Cancellation}. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * An AbortController and its signal in one, for where there is one to each request: it costs nothing before somebody listens,
 * and little then.
 */
export class Cancellation implements CancelSignal {
  aborted = false;
  private listeners: readonly (() => void)[] = [];
  private controller: AbortController | undefined;

  /** For what takes an AbortSignal and nothing else. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.aborted) this.controller.abort();
    return this.controller.signal;
  }

  /** Tells each listener, once. */
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.controller?.abort();
    for (let [next] = this.listeners; next; [next] = this.listeners) {
      this.removeEventListener('abort', next);
      next();
    }
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners = [...this.listeners, listener];
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners = this.listeners.filter((other) => other !== listener);
  }
}

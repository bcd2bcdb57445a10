import type { connectivityState, Deadline } from '@grpc/grpc-js';

interface Watcher {
  readonly from: connectivityState;
  readonly callback: (error?: Error) => void;
  timer: NodeJS.Timeout | undefined;
}

/** Tells those who wait for a channel to get into another state. */
export class Connectivity {
  private readonly watchers = new Set<Watcher>();

  constructor(private readonly now: () => connectivityState) {}

  /** Calls back once: when the state is no longer `from`, or with an Error at the deadline. */
  watch(from: connectivityState, deadline: Deadline, callback: (error?: Error) => void): void {
    if (this.now() !== from) {
      process.nextTick(callback);
      return;
    }
    const watcher: Watcher = { from, callback, timer: undefined };
    const left = Number(deadline) - Date.now();
    if (left !== Number.POSITIVE_INFINITY) {
      const late = () => this.tell(watcher, new Error('Deadline passed without connectivity state change'));
      watcher.timer = setTimeout(late, Math.max(0, left));
    }
    this.watchers.add(watcher);
  }

  changed(): void {
    const state = this.now();
    for (const watcher of this.watchers) if (watcher.from !== state) process.nextTick(() => this.tell(watcher));
  }

  private tell(watcher: Watcher, error?: Error): void {
    if (!this.watchers.delete(watcher)) return;
    clearTimeout(watcher.timer);
    watcher.callback(error);
  }
}

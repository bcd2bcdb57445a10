// setTimeout cannot wait longer.
const LONGEST_MS = 2 ** 31 - 1;

export interface Expiring {
  /** Epoch milliseconds. */
  readonly deadline: number;
  expire(): void;
}

/**
 * Ends what is not done in time, by one timer for all: it is set for the earliest deadline there was, and looks at what is
 * there when it rings. Calls that end in time, which is nearly all of them, cost no timer.
 */
export class Deadlines {
  private readonly all = new Set<Expiring>();
  private timer: NodeJS.Timeout | undefined;
  private ringsAt = Number.POSITIVE_INFINITY;

  add(one: Expiring): void {
    if (one.deadline === Number.POSITIVE_INFINITY) return;
    if (this.all.size === 0) this.timer?.ref();
    this.all.add(one);
    if (one.deadline < this.ringsAt) this.set(one.deadline);
  }

  delete(one: Expiring): void {
    // A timer that nothing waits for must not keep the process.
    if (this.all.delete(one) && this.all.size === 0) this.timer?.unref();
  }

  private set(deadline: number): void {
    clearTimeout(this.timer);
    this.ringsAt = deadline;
    this.timer = setTimeout(() => this.ring(), Math.min(LONGEST_MS, Math.max(0, deadline - Date.now())));
  }

  private ring(): void {
    this.timer = undefined;
    this.ringsAt = Number.POSITIVE_INFINITY;
    const now = Date.now();
    let next = Number.POSITIVE_INFINITY;
    for (const one of this.all) {
      if (one.deadline > now) next = Math.min(next, one.deadline);
      else {
        this.all.delete(one);
        one.expire();
      }
    }
    if (next < this.ringsAt) this.set(next);
  }
}

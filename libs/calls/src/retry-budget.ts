const MOST = 100;
const PER_SUCCESS = 0.1;

/**
 * How many retries a channel may make: a hundred at first, so that all calls of a replica that died can go to another, and
 * then one for each ten that went well. A service that is away is not asked three times as often for it.
 */
export class RetryBudget {
  private left = MOST;

  succeeded(): void {
    this.left = Math.min(MOST, this.left + PER_SUCCESS);
  }

  /** Takes one retry; false when there is none left. */
  take(): boolean {
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}

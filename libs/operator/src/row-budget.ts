const PER_MINUTE = 60;
const MINUTE_MS = 60_000;

/**
 * Rows that callers without a token may cause in the audit log: 60 a minute. Who hammers on the listener must not fill
 * a table that nothing deletes from; the log has a line for every call.
 */
export class RowBudget {
  private begun = 0;
  private used = 0;

  take(now = Date.now()): boolean {
    if (now - this.begun >= MINUTE_MS) {
      this.begun = now;
      this.used = 0;
    }
    this.used += 1;
    return this.used <= PER_MINUTE;
  }
}

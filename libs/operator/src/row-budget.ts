const PER_MINUTE = 60;
const MINUTE_MS = 60_000;

/**
 * Rows that refused calls may cause in the audit log: 60 a minute for each operator, and as many for all callers without
 * a token together. Who hammers on the listener must not fill a table that nothing deletes from; the log has a line for
 * every call.
 */
export class RowBudget {
  private begun = 0;
  private readonly used = new Map<string, number>();

  /** `operator` is empty for callers without a token. */
  take(operator: string, now = Date.now()): boolean {
    if (now - this.begun >= MINUTE_MS) {
      this.begun = now;
      this.used.clear();
    }
    const used = (this.used.get(operator) ?? 0) + 1;
    this.used.set(operator, used);
    return used <= PER_MINUTE;
  }
}

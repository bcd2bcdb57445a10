/** How often an operation was answered with which status. */
export type Statuses = Readonly<Record<string, Readonly<Record<string, number>>>>;

const MAX_THROTTLED = 0.05;

export interface Verdict {
  /** A table: operations and statuses. */
  readonly lines: readonly string[];
  /** What the run has not shown, one line each. */
  readonly gaps: readonly string[];
  readonly calls: number;
}

/**
 * Whether the answers show what was to be checked: each operation has succeeded at least once, and throttles have refused
 * less than one call in twenty.
 */
export function judge(operations: readonly string[], statuses: Statuses): Verdict {
  const counts = operations.map((operation) => ({ operation, counts: Object.entries(statuses[operation] ?? {}) }));
  const width = Math.max(...operations.map(({ length }) => length));
  const sum = (entries: (readonly [string, number])[]) => entries.reduce((total, [, count]) => total + count, 0);
  const all = counts.flatMap((row) => row.counts);
  const calls = sum(all);
  const throttled = sum(all.filter(([status]) => status === '429'));
  const failed = counts.filter((row) => !row.counts.some(([status]) => status.startsWith('2')));
  return {
    lines: counts.map(
      (row) =>
        `${row.operation.padEnd(width)}  ${row.counts.map(([status, count]) => `${status}: ${count}`).join('  ')}`,
    ),
    gaps: [
      ...failed.map(({ operation }) => `${operation} never succeeded`),
      ...(throttled > calls * MAX_THROTTLED ? [`throttles refused ${throttled} of ${calls} calls`] : []),
    ],
    calls,
  };
}

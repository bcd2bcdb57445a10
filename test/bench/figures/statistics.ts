/** What several rounds gave: the one in the middle, and how far the others are from it. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The value in the middle; of an even number of values the mean of the two. @throws when there is none */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error('there is no median of nothing');
  return (lower + upper) / 2;
}

/** @throws when there is no value */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/**
 * How many times less one costs than another, round by round: a machine that is slow for a while is slow for both. Undefined
 * where no round has both.
 */
export function ratiosOf(cost: ReadonlyMap<number, number>, to: ReadonlyMap<number, number>): Spread | undefined {
  const ratios = [...cost].flatMap(([round, value]) => {
    const other = to.get(round);
    return other === undefined ? [] : [other / value];
  });
  return ratios.length === 0 ? undefined : spreadOf(ratios);
}

/** The value that this share of all does not exceed (nearest rank); NaN where there is none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

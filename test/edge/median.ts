export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] =
    sorted.length % 2 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1);
  return (low + high) / 2;
}

/** The least and the most. */
export function spread(figures: readonly number[]): string {
  return `${Math.min(...figures).toFixed(1)}–${Math.max(...figures).toFixed(1)}`;
}

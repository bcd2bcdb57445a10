import { CONFIRMED, type Outcome } from './outcome.js';

export interface Window {
  /** Milliseconds of performance.now(). */
  readonly from: number;
  readonly to: number;
}

export interface Figures {
  readonly seconds: number;
  /** Orders that ended CONFIRMED within the window. */
  readonly orders: number;
  readonly ordersPerSecond: number;
  /** Seconds from the submit to the end of these. */
  readonly p50: number;
  readonly p99: number;
}

/** What a load reached in a window. Orders count where they end, whenever they began. */
export function figuresOf(outcomes: readonly Outcome[], { from, to }: Window): Figures {
  const within = outcomes.filter(({ answer, ended }) => answer === CONFIRMED && ended >= from && ended < to);
  const durations = within.map(({ submitted, ended }) => (ended - submitted) / 1000).sort((a, b) => a - b);
  const seconds = (to - from) / 1000;
  return {
    seconds,
    orders: within.length,
    ordersPerSecond: within.length / seconds,
    p50: percentile(durations, 0.5),
    p99: percentile(durations, 0.99),
  };
}

/** How often there was each answer, the most frequent first. */
export function answersOf(outcomes: readonly Outcome[]): [answer: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { answer } of outcomes) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** The value that this share of all does not exceed (nearest rank); NaN where there is none. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

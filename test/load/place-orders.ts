import { setTimeout as delay } from 'node:timers/promises';
import { ClosedLoop, type ShoppingWorld } from './closed-loop.js';
import { type Figures, figuresOf } from './figures.js';
import type { Outcome } from './outcome.js';

export interface Pace {
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** Something else that is read when the window opens and when it closes. */
export type Reading<T> = () => Promise<T>;

export interface Measured<T> {
  readonly figures: Figures;
  /** Everything that was answered, the warm-up too. */
  readonly outcomes: readonly Outcome[];
  readonly before: T;
  readonly after: T;
}

const PROGRESS_MS = 5000;

/** Orders for as long as the pace says, with progress on stderr; measured in its window after the warm-up. */
export async function placeOrders<T>(world: ShoppingWorld, pace: Pace, read: Reading<T>): Promise<Measured<T>> {
  const loop = new ClosedLoop(world);
  const progress = tellProgress(loop, pace);
  try {
    await delay(pace.warmUpSeconds * 1000);
    const before = await read();
    const from = performance.now();
    await delay(pace.seconds * 1000);
    const to = performance.now();
    const after = await read();
    await loop.stop();
    return { figures: figuresOf(loop.outcomes, { from, to }), outcomes: loop.outcomes, before, after };
  } finally {
    clearInterval(progress);
    await loop.stop();
  }
}

function tellProgress({ outcomes }: ClosedLoop, { warmUpSeconds, seconds }: Pace): NodeJS.Timeout {
  const begin = performance.now();
  let last = begin;
  return setInterval(() => {
    const now = performance.now();
    const { orders, ordersPerSecond, p50 } = figuresOf(outcomes, { from: last, to: now });
    const at = Math.round((now - begin) / 1000);
    const phase = at < warmUpSeconds ? 'warm-up' : 'measured';
    const speed = orders > 0 ? `${ordersPerSecond.toFixed(1)} orders/s, p50 ${p50.toFixed(2)} s` : 'no order ended';
    process.stderr.write(`${String(at).padStart(4)} of ${warmUpSeconds + seconds} s  ${phase}  ${speed}\n`);
    last = now;
  }, PROGRESS_MS);
}

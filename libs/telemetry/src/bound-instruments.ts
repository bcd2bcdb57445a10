import type { Attributes } from '@opentelemetry/api';

/** Series of one instrument; one more than so many are counted as one (as the SDK limits its own). */
const MOST_SERIES = 2_000;
const OVERFLOW: Attributes = { 'otel.metric.overflow': true };

export interface InstrumentOptions {
  readonly description: string;
  /** UCUM: `s`, `By`; empty for counts. */
  readonly unit?: string;
}

/** A count that only grows. */
export class CountSeries {
  value = 0;

  add(by = 1): void {
    this.value += by;
  }
}

/** How often values lay between two boundaries. */
export class HistogramSeries {
  readonly counts: number[];
  count = 0;
  sum = 0;

  /** `boundaries`: inclusive upper bounds, ascending. */
  constructor(readonly boundaries: readonly number[]) {
    this.counts = new Array<number>(boundaries.length + 1).fill(0);
  }

  record(value: number): void {
    let bucket = 0;
    while (bucket < this.boundaries.length && value > (this.boundaries[bucket] ?? 0)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.count++;
    this.sum += value;
  }
}

/**
 * An instrument for what happens with every request. The SDK sorts and joins the attributes of each measurement to find its
 * series, which costs microseconds; here whoever measures asks for the series once and keeps it. It is exported with all
 * others: see BoundMetrics. Attributes are those of https://opentelemetry.io/docs/specs/semconv/ where it has some.
 */
class BoundInstrument<S> {
  readonly series = new Map<string, { attributes: Attributes; series: S }>();

  constructor(
    readonly scope: string,
    readonly name: string,
    readonly options: InstrumentOptions,
    private readonly create: () => S,
  ) {}

  /** The series of these attributes; the same for equal ones. */
  of(attributes: Attributes): S {
    const key = JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.series.get(key)?.series;
    if (known) return known;
    if (this.series.size >= MOST_SERIES && attributes !== OVERFLOW) return this.of(OVERFLOW);
    const series = this.create();
    this.series.set(key, { attributes, series });
    return series;
  }
}

export type BoundCounter = BoundInstrument<CountSeries>;
export type BoundHistogram = BoundInstrument<HistogramSeries>;

/** All that there are. */
export const boundCounters: BoundCounter[] = [];
export const boundHistograms: BoundHistogram[] = [];

/** A counter of a part, e.g. `boundCounter('gateway', 'gateway.requests', …)`. Once for each name. */
export function boundCounter(scope: string, name: string, options: InstrumentOptions): BoundCounter {
  const counter = new BoundInstrument(scope, name, options, () => new CountSeries());
  boundCounters.push(counter);
  return counter;
}

export interface HistogramOptions extends InstrumentOptions {
  /** Inclusive upper bounds of the buckets, ascending. */
  readonly boundaries: readonly number[];
}

/** A histogram of a part. Once for each name. */
export function boundHistogram(scope: string, name: string, options: HistogramOptions): BoundHistogram {
  const histogram = new BoundInstrument(scope, name, options, () => new HistogramSeries(options.boundaries));
  boundHistograms.push(histogram);
  return histogram;
}

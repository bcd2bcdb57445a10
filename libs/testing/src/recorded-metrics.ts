import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  InstrumentType,
  MeterProvider,
  MetricReader,
} from '@opentelemetry/sdk-metrics';

class Reader extends MetricReader {
  constructor() {
    // As in running apps: a gauge is told while it is observed.
    const { DELTA, CUMULATIVE } = AggregationTemporality;
    super({
      aggregationTemporalitySelector: (type) => (type === InstrumentType.OBSERVABLE_GAUGE ? DELTA : CUMULATIVE),
    });
  }

  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}

/** The values of a metric now, by the values of their attributes: `{ 'place-order completed': 3 }`. */
export type MetricValues = (name: string) => Promise<Record<string, unknown>>;

/**
 * Records what this process measures from now on; for unit tests. Call it before the import of what is tested, since
 * instruments are often made when a file is loaded: `const { countThings } = await import('./things.js')`.
 */
export function recordMetrics(): MetricValues {
  const reader = new Reader();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  return async (name) => {
    const { resourceMetrics } = await reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const points: DataPoint<unknown>[] = all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
    return Object.fromEntries(points.map(({ attributes, value }) => [Object.values(attributes).join(' '), value]));
  };
}

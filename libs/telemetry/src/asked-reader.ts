import { AggregationTemporality, InstrumentType, MetricReader } from '@opentelemetry/sdk-metrics';
import { BoundMetrics } from './bound-metrics.js';

/**
 * Everything is told since the start of the process, but for gauges that are asked at each collection: the SDK would go
 * on telling the last value of one that has none any more (its database is away, its partition was given up).
 */
export function temporalityOf(type: InstrumentType): AggregationTemporality {
  return type === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
}

/** Collects when it is asked to, and never by itself. */
export class AskedReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: temporalityOf, metricProducers: [new BoundMetrics()] });
  }

  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}

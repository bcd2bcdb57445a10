import { type HrTime, ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { boundCounters, boundHistograms, type InstrumentOptions } from './bound-instruments.js';

const STARTED = hrTime(Date.now());

/** What bound instruments have counted, for a reader to export with the metrics of the SDK. */
export class BoundMetrics implements MetricProducer {
  async collect(): Promise<CollectionResult> {
    const endTime = hrTime(Date.now());
    const byScope = new Map<string, MetricData[]>();
    const add = (scope: string, metric: MetricData) => {
      if (metric.dataPoints.length > 0) byScope.set(scope, [...(byScope.get(scope) ?? []), metric]);
    };
    for (const { scope, name, options, series } of boundCounters) {
      const dataPoints = [...series.values()].map(({ attributes, series: { value } }) => ({
        ...{ attributes, startTime: STARTED, endTime, value },
      }));
      add(scope, { ...common(name, options), dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints });
    }
    for (const { scope, name, options, series } of boundHistograms) {
      const dataPoints = [...series.values()].map(({ attributes, series: { boundaries, counts, count, sum } }) => ({
        ...{ attributes, startTime: STARTED, endTime },
        value: { buckets: { boundaries: [...boundaries], counts: [...counts] }, count, sum },
      }));
      add(scope, { ...common(name, options), dataPointType: DataPointType.HISTOGRAM, dataPoints });
    }
    const scopeMetrics = [...byScope].map(([name, metrics]) => ({ scope: { name }, metrics }));
    // That of the SDK is taken instead.
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
  }
}

function common(name: string, { description, unit = '' }: InstrumentOptions) {
  const descriptor = { name, description, unit, valueType: ValueType.DOUBLE };
  return { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
}

function hrTime(milliseconds: number): HrTime {
  return [Math.floor(milliseconds / 1_000), (milliseconds % 1_000) * 1_000_000];
}

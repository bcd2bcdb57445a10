import type { ServerResponse } from 'node:http';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { DataPointType, type MetricData, type MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

const UNITS = new Map([
  ['s', 'seconds'],
  ['By', 'bytes'],
]);
// Without scopes: which part of the code counts is no dimension of what it counts.
const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);

/**
 * Answers with all metrics in the Prometheus text format. Names have their units, as
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ asks and collectors do, so that a
 * query holds for both ways; the serializer of the SDK leaves them out.
 */
export async function serveMetrics(reader: MetricReader, response: ServerResponse): Promise<void> {
  const { resourceMetrics } = await reader.collect();
  const page = serializer.serialize(withUnits(resourceMetrics));
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(page);
}

function withUnits({ resource, scopeMetrics }: ResourceMetrics): ResourceMetrics {
  return {
    resource,
    scopeMetrics: scopeMetrics.map(({ scope, metrics }) => ({ scope, metrics: metrics.map(withUnit) })),
  };
}

function withUnit(metric: MetricData): MetricData {
  const { descriptor, dataPointType } = metric;
  const isRatio = descriptor.unit === '1' && dataPointType === DataPointType.GAUGE;
  const unit = isRatio ? 'ratio' : UNITS.get(descriptor.unit);
  if (!unit || descriptor.name.endsWith(unit)) return metric;
  return { ...metric, descriptor: { ...descriptor, name: `${descriptor.name}_${unit}` } };
}

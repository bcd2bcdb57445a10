import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { type MetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { AskedReader, temporalityOf } from './asked-reader.js';
import { BoundMetrics } from './bound-metrics.js';

const DEFAULT_INTERVAL_MS = 60_000;
const MAX_TIMEOUT_MS = 30_000;

/**
 * The one reader of an app's metrics, by the standard variables: `OTEL_METRICS_EXPORTER=otlp` sends them every
 * `OTEL_METRIC_EXPORT_INTERVAL` ms to `OTEL_EXPORTER_OTLP_ENDPOINT`; `none`, `prometheus` or nothing keeps them for
 * /metrics. One reader for both ways, since every reader keeps counts of its own and makes each count cost once more.
 * Throws an error that names the variable which is wrong.
 */
export function metricReader(env: NodeJS.ProcessEnv): MetricReader {
  const exporter = env.OTEL_METRICS_EXPORTER?.trim() || 'none';
  if (exporter === 'none' || exporter === 'prometheus') return new AskedReader();
  if (exporter !== 'otlp') {
    throw new Error(`OTEL_METRICS_EXPORTER is ${exporter}: write otlp, prometheus or none`);
  }
  checkProtocol(env);
  const exportIntervalMillis = milliseconds(env, 'OTEL_METRIC_EXPORT_INTERVAL', DEFAULT_INTERVAL_MS);
  const limit = Math.min(MAX_TIMEOUT_MS, exportIntervalMillis);
  const exportTimeoutMillis = Math.min(milliseconds(env, 'OTEL_METRIC_EXPORT_TIMEOUT', limit), exportIntervalMillis);
  return new PeriodicExportingMetricReader({
    exporter: new Exporter(),
    exportIntervalMillis,
    exportTimeoutMillis,
    metricProducers: [new BoundMetrics()],
  });
}

class Exporter extends OTLPMetricExporter {
  override selectAggregationTemporality = temporalityOf;
}

function checkProtocol(env: NodeJS.ProcessEnv): void {
  const name = env.OTEL_EXPORTER_OTLP_METRICS_PROTOCOL
    ? 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL'
    : 'OTEL_EXPORTER_OTLP_PROTOCOL';
  const protocol = env[name] || 'http/protobuf';
  if (protocol !== 'http/protobuf') {
    throw new Error(`${name} is ${protocol}: metrics go by http/protobuf, usually to port 4318 of a collector`);
  }
}

function milliseconds(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = env[name]?.trim();
  if (!text) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} is ${text}: write milliseconds, e.g. 10000`);
  return value;
}

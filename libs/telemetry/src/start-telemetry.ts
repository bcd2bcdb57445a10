import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BoundedExporter } from './bounded-exporter.js';
import { metricReader } from './metric-readers.js';
import { observeProcess } from './process-metrics.js';
import { serveMetrics } from './prometheus-page.js';
import { readsSampler } from './reads-sampler.js';
import { rememberTelemetry } from './registered.js';

/** sysexits.h: whoever keeps the process alive is to give up. */
const EX_CONFIG = 78;

/** Batches of 512 spans; the batch span processor sends the next one after 30 seconds without an answer. */
const WAITING_BATCHES = 4;

type SpanProcessors = NonNullable<ConstructorParameters<typeof NodeSDK>[0]>['spanProcessors'];

/**
 * Starts OpenTelemetry by the standard OTEL_* variables, with three defaults of our own: no exporter unless one is
 * asked for (there may be no collector on localhost), no logs exporter (logs go to stdout), and metrics always for
 * Prometheus too, served by the app's ops listener. A variable that is wrong ends the process with its name and 78.
 */
export function startTelemetry(instrumentations: Instrumentation[]): void {
  applyDefaults(process.env);
  const { reader, sampler } = fromEnvironment();
  const sdk = new NodeSDK({
    serviceName: process.env.OTEL_SERVICE_NAME,
    instrumentations,
    metricReaders: [reader],
    ...(sampler && { sampler }),
    ...spanExport(process.env.OTEL_TRACES_EXPORTER),
  });
  sdk.start();
  if (process.env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return;
  observeProcess(version());
  rememberTelemetry({
    serveMetrics: (response) => serveMetrics(reader, response),
    shutdown: () => sdk.shutdown(),
  });
}

function fromEnvironment() {
  try {
    return { reader: metricReader(process.env), sampler: readsSampler(process.env) };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(EX_CONFIG);
  }
}

function spanExport(exporter: string | undefined) {
  if (exporter === 'none') return { spanProcessors: [KEEPS_NOTHING] };
  if (exporter === 'zipkin') return { traceExporter: new BoundedExporter(new ZipkinExporter(), WAITING_BATCHES) };
  return {};
}

// With an empty list the SDK would install no tracer, and log lines and problem documents would have no trace ids.
const KEEPS_NOTHING: NonNullable<SpanProcessors>[number] = {
  onStart: () => {},
  onEnd: () => {},
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function applyDefaults(env: NodeJS.ProcessEnv): void {
  const hasEndpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  env.OTEL_TRACES_EXPORTER ||= hasEndpoint ? 'otlp' : 'none';
  env.OTEL_LOGS_EXPORTER ||= 'none';
  // The process detector would send the command line and the user with every batch.
  env.OTEL_NODE_RESOURCE_DETECTORS ||= 'env,host,serviceinstance';
  env.OTEL_SERVICE_NAME ||= appName();
  // Read from the left: what the operator sets wins.
  env.OTEL_RESOURCE_ATTRIBUTES = [
    `service.namespace=ineedthatfast,service.version=${version()}`,
    env.OTEL_RESOURCE_ATTRIBUTES,
  ]
    .filter(Boolean)
    .join(',');
}

// dist/apps/orders/src/main.js → orders
function appName(): string {
  return basename(dirname(dirname(process.argv[1] ?? 'unknown/src/main.js')));
}

function version(): string {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  return version;
}

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { AskedReader } from './asked-reader.js';
import { metricReader } from './metric-readers.js';
import { serveMetrics } from './prometheus-page.js';

describe('the reader of metrics', () => {
  it.each([
    {},
    { OTEL_METRICS_EXPORTER: 'none' },
    { OTEL_METRICS_EXPORTER: 'prometheus' },
    { OTEL_METRICS_EXPORTER: '' },
  ])('waits to be asked with %j', (env) => {
    expect(metricReader(env)).toBeInstanceOf(AskedReader);
  });

  it('sends with otlp', () => {
    expect(metricReader({ OTEL_METRICS_EXPORTER: 'otlp' })).toBeInstanceOf(PeriodicExportingMetricReader);
  });

  it.each([
    [{ OTEL_METRICS_EXPORTER: 'statsd' }, 'OTEL_METRICS_EXPORTER is statsd: write otlp, prometheus or none'],
    [{ OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL is grpc'],
    [{ OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '10s' }, 'OTEL_METRIC_EXPORT_INTERVAL is 10s'],
    [{ OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_TIMEOUT: '0' }, 'OTEL_METRIC_EXPORT_TIMEOUT is 0'],
  ])('refuses %j by name', (env, message) => {
    expect(() => metricReader(env)).toThrow(message);
  });

  it('both sends and answers with the same counts', async () => {
    const collector = await fakeCollector();
    const before = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
    const reader = metricReader({ OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '60000' });
    const provider = new MeterProvider({ readers: [reader] });
    try {
      provider.getMeter('test').createCounter('things').add(3, { kind: 'good' });
      expect(await page(reader)).toContain('things_total{kind="good"} 3');
      await provider.forceFlush();
      expect(collector.paths).toEqual(['/v1/metrics']);
      expect(await page(reader)).toContain('things_total{kind="good"} 3');
    } finally {
      if (before === undefined) delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
      else process.env.OTEL_EXPORTER_OTLP_ENDPOINT = before;
      await provider.shutdown();
      await collector.close();
    }
  });
});

describe.each([{}, { OTEL_METRICS_EXPORTER: 'otlp' }])('a gauge, read with %j', (env) => {
  it('is told while it has a value, and no longer', async () => {
    const reader = metricReader(env);
    const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
    let rows: number | undefined = 4;
    meter.createObservableGauge('rows').addCallback((result) => {
      if (rows !== undefined) result.observe(rows);
    });
    meter.createGauge('told_once').record(1);
    meter.createCounter('things').add(2);
    expect(await page(reader)).toMatch(/^rows 4$/m);
    expect(await page(reader)).toMatch(/^rows 4$/m);
    rows = undefined;
    const later = await page(reader);
    expect(later).not.toMatch(/^rows /m);
    expect(later).toMatch(/^told_once 1$/m);
    expect(later).toMatch(/^things_total 2$/m);
    await reader.shutdown({ timeoutMillis: 1 }).catch(() => {}); // nobody listens for the last sending
  });
});

describe('/metrics', () => {
  it('spells units out, as a collector does', async () => {
    const reader = new AskedReader();
    const meter = new MeterProvider({ readers: [reader] }).getMeter('test');
    meter.createHistogram('rpc.server.call.duration', { unit: 's' }).record(0.2);
    meter.createCounter('process.cpu.time', { unit: 's' }).add(1);
    meter.createGauge('event.loop.utilization', { unit: '1' }).record(0.5);
    meter.createUpDownCounter('memory', { unit: 'By' }).add(7);
    meter.createUpDownCounter('open', { unit: '{stream}' }).add(2);
    meter.createGauge('process.start_time_seconds', { unit: 's' }).record(5);
    const text = await page(reader);
    for (const name of [
      ...['rpc_server_call_duration_seconds_count', 'process_cpu_time_seconds_total', 'event_loop_utilization_ratio'],
      ...['memory_bytes', 'open', 'process_start_time_seconds'],
    ]) {
      expect(text).toMatch(new RegExp(`^${name}(\\{| )`, 'm'));
    }
    expect(text).not.toContain('otel_scope_name');
  });
});

async function page(reader: Parameters<typeof serveMetrics>[0]): Promise<string> {
  const end = jest.fn<(body: string) => void>();
  await serveMetrics(reader, { writeHead: () => ({ end }) } as unknown as ServerResponse);
  return end.mock.calls[0]?.[0] ?? '';
}

async function fakeCollector() {
  const paths: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url);
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { paths, url: `http://127.0.0.1:${port}`, close: () => server[Symbol.asyncDispose]() };
}

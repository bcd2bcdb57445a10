import type { ServerResponse } from 'node:http';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { AskedReader } from './asked-reader.js';
import { boundCounter, boundHistogram } from './bound-instruments.js';
import { serveMetrics } from './prometheus-page.js';

const requests = boundCounter('test', 'bound.requests', { description: 'Requests' });
const latency = boundHistogram('test', 'bound.latency', {
  description: 'Latency',
  unit: 's',
  boundaries: [0.1, 1],
});

/** The lines of /metrics that begin with `bound_`. */
async function page(): Promise<string[]> {
  const reader = new AskedReader();
  const provider = new MeterProvider({ readers: [reader] });
  provider.getMeter('test').createCounter('other').add(1);
  let text = '';
  const response = { writeHead: () => ({ end: (body: string) => (text = body) }) };
  await serveMetrics(reader, response as unknown as ServerResponse);
  await provider.shutdown();
  expect(text).toContain('other_total 1');
  return text.split('\n').filter((line) => line.startsWith('bound_'));
}

describe('bound instruments', () => {
  it('are told beside those of the SDK, each series with its attributes', async () => {
    requests.of({ method: 'GET', api: 'shop' }).add();
    requests.of({ api: 'shop', method: 'GET' }).add(2);
    requests.of({ method: 'PUT' }).add();
    for (const value of [0.05, 0.1, 0.5, 7]) latency.of({ api: 'shop' }).record(value);
    expect(await page()).toEqual([
      'bound_requests_total{method="GET",api="shop"} 3',
      'bound_requests_total{method="PUT"} 1',
      'bound_latency_seconds_count{api="shop"} 4',
      'bound_latency_seconds_sum{api="shop"} 7.65',
      'bound_latency_seconds_bucket{api="shop",le="0.1"} 2',
      'bound_latency_seconds_bucket{api="shop",le="1"} 3',
      'bound_latency_seconds_bucket{api="shop",le="+Inf"} 4',
    ]);
  });

  it('count what is beyond 2,000 series as one', async () => {
    const many = boundCounter('test', 'bound.many', { description: 'Many' });
    for (let id = 0; id < 2_100; id++) many.of({ id }).add();
    const lines = (await page()).filter((line) => line.startsWith('bound_many'));
    expect(lines).toHaveLength(2_001);
    expect(lines.at(-1)).toBe('bound_many_total{otel_metric_overflow="true"} 100');
  });
});

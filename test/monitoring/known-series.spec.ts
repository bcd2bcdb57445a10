import { describedMetrics } from '../metrics/metrics-page.js';
import { KnownSeries } from './known-series.js';

const known = new KnownSeries([
  { record: 'slo:calls:rate5m', expr: 'sum by (api) (rate(gateway_requests_total[5m]))' },
]);

describe('what a query may name', () => {
  it('is read from the page of metrics', () => {
    const rows = '| metric | type |\n| `a_seconds`  | histogram, **max** | `x` `y` | orders | text with `z` |\n';
    expect(describedMetrics(rows)).toEqual([
      { name: 'a_seconds', type: 'histogram', labels: new Set(['x', 'y']), apps: ['orders'], isShared: true },
    ]);
    expect(describedMetrics().length).toBeGreaterThan(40);
  });

  it.each([
    'max by (job) (outbox_rows)',
    'histogram_quantile(0.99, sum by (le, resource) (rate(gateway_latency_seconds_bucket{api="store"}[5m])))',
    'slo:calls:rate5m{api="store"}',
    'rate(otelcol_exporter_sent_spans[5m])',
  ])('is all that %s names', (query) => {
    expect(known.problemsOf(query)).toEqual([]);
  });

  it.each([
    ['sum(outbox_row)', 'no metric outbox_row in docs/metrics.md'],
    ['rate(gateway_latency_seconds[5m])', 'no metric gateway_latency_seconds in docs/metrics.md'],
    ['slo:calls:rate1h', 'no metric slo:calls:rate1h in docs/metrics.md'],
    ['sum by (route) (gateway_requests_total)', 'none of its metrics has the label route'],
  ])('is not all that %s names', (query, problem) => {
    expect(known.problemsOf(query)).toEqual([problem]);
  });
});

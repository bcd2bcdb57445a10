import type { Dashboard } from './dashboard.js';
import { FAILED_TRACES, SLOW_TRACES } from './jaeger.js';
import { objectives } from './objectives.js';

/** The API of the store, on the routes that are chosen. */
const CHOSEN = 'api="store", resource=~"$resource"';

const rate = (metric: string, by: string) => `sum by (${by}) (rate(${metric}{${CHOSEN}}[$__rate_interval]))`;
const quantile = (share: number, metric: string, by = '') =>
  `histogram_quantile(${share}, sum by (le${by && `, ${by}`}) (rate(${metric}_bucket{${CHOSEN}, waited=""}[$__rate_interval])))`;
/** What the owner of the API asks: is it used, does it work, is it fast, who is slowed down. */
export const api: Dashboard = {
  uid: 'api',
  title: 'API',
  description: 'The API as its callers see it: calls, errors, latency and throttling, by route.',
  choices: [{ name: 'resource', label: 'Route', metric: 'gateway_requests_total{api="store"}', from: 'resource' }],
  rows: [
    objectives,
    {
      title: 'Calls and errors',
      panels: [
        {
          kind: 'timeseries',
          title: 'Calls',
          description: 'Requests in a second, by route (Count).',
          unit: 'reqps',
          stacked: true,
          queries: [{ expr: rate('gateway_requests_total', 'method, resource'), legend: '{{method}} {{resource}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Status',
          description: 'Answers in a second, by HTTP status.',
          unit: 'reqps',
          stacked: true,
          queries: [
            {
              expr: 'sum by (http_response_status_code) (rate(http_server_request_duration_seconds_count{http_route=~"$resource"}[$__rate_interval]))',
              legend: '{{http_response_status_code}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Faults of ours (5XXError)',
          description: 'Each of them counts against the objective. The code leads to docs/errors.md.',
          unit: 'reqps',
          queries: [{ expr: rate('gateway_server_errors_total', 'resource, code'), legend: '{{resource}} {{code}}' }],
          links: [FAILED_TRACES],
        },
        {
          kind: 'timeseries',
          title: 'Refusals (4XXError)',
          description: 'What callers did wrong, by code. A sudden rise after a release is mostly ours.',
          unit: 'reqps',
          queries: [{ expr: rate('gateway_client_errors_total', 'code'), legend: '{{code}}' }],
        },
      ],
    },
    {
      title: 'Latency',
      panels: [
        {
          kind: 'timeseries',
          title: 'Latency and integration latency',
          description:
            'The whole answer, and the part of it that the service took: what is between them is the gateway.',
          unit: 's',
          redFrom: 0.5,
          queries: [
            { expr: quantile(0.99, 'gateway_latency_seconds'), legend: 'latency p99' },
            { expr: quantile(0.99, 'gateway_integration_latency_seconds'), legend: 'integration p99' },
            { expr: quantile(0.5, 'gateway_latency_seconds'), legend: 'latency p50' },
            { expr: quantile(0.5, 'gateway_integration_latency_seconds'), legend: 'integration p50' },
          ],
          links: [SLOW_TRACES],
        },
        {
          kind: 'timeseries',
          title: 'Durations of kept traces',
          description:
            'Click a point: it is the trace of a request that took so long. Kept are errors, slow requests, orders and a share of the rest, so only the points count, not the line.',
          unit: 's',
          queries: [
            {
              expr: 'histogram_quantile(0.95, sum by (le) (rate(kept_spans_duration_seconds_bucket{service_name="gateway", span_kind="SPAN_KIND_SERVER", http_route=~"$resource"}[$__rate_interval])))',
              legend: 'p95 of kept traces',
              exemplar: true,
            },
          ],
          links: [SLOW_TRACES],
        },
        {
          kind: 'timeseries',
          title: 'Latency by route, p95',
          description: 'Without streams and without what waits on request (Prefer: wait).',
          unit: 's',
          queries: [
            { expr: quantile(0.95, 'gateway_latency_seconds', 'method, resource'), legend: '{{method}} {{resource}}' },
          ],
          links: [SLOW_TRACES],
        },
        {
          kind: 'timeseries',
          title: 'Integration latency by route, p95',
          description: 'The part of it that the service behind the route took.',
          unit: 's',
          queries: [
            {
              expr: quantile(0.95, 'gateway_integration_latency_seconds', 'method, resource'),
              legend: '{{method}} {{resource}}',
            },
          ],
          links: [SLOW_TRACES],
        },
      ],
    },
    {
      title: 'Throttling, replays and streams',
      panels: [
        {
          kind: 'timeseries',
          title: 'Throttled',
          description: 'Requests refused by a throttle (429), by route and by what its bucket is keyed by.',
          unit: 'reqps',
          width: 8,
          queries: [
            { expr: rate('gateway_throttled_total', 'resource, bucket'), legend: '{{resource}} by {{bucket}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Idempotency keys',
          description: 'Requests under a key: first, replayed, still running (in_use), another content (reused).',
          unit: 'reqps',
          width: 8,
          queries: [
            { expr: 'sum by (outcome) (rate(idempotency_claims_total[$__rate_interval]))', legend: '{{outcome}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Open streams',
          description:
            'Streams of all gateways, and how many were refused in a second since their caller had too many.',
          unit: 'short',
          width: 8,
          queries: [
            { expr: 'sum(gateway_streams_open)', legend: 'open' },
            { expr: 'sum(rate(gateway_streams_refused_total[$__rate_interval]))', legend: 'refused in a second' },
          ],
        },
      ],
    },
  ],
};

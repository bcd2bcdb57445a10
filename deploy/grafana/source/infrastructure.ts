import type { Dashboard } from './dashboard.js';
import { FAILED_TRACES } from './jaeger.js';

const OF_JOB = 'job=~"$job"';
const CALLS = `rpc_server_call_duration_seconds_count{${OF_JOB}}`;
/** gRPC codes that are faults of the service: UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNIMPLEMENTED to DATA_LOSS. */
const FAULTS = `rpc_server_call_duration_seconds_count{${OF_JOB}, rpc_grpc_status_code=~"2|4|8|12|13|14|15"}`;

const rate = (series: string, by: string) => `sum by (${by}) (rate(${series}[$__rate_interval]))`;
const quantile = (series: string, by: string) =>
  `histogram_quantile(0.99, sum by (le, ${by}) (rate(${series}{${OF_JOB}}[$__rate_interval])))`;

/** What the store runs on: processes, RPCs, consumers, and the servers as the processes see them. */
export const infrastructure: Dashboard = {
  uid: 'infrastructure',
  title: 'Infrastructure',
  description:
    'Processes, RPCs and consumers of each service; PostgreSQL, Kafka, Valkey and the collector as they are seen from there.',
  choices: [{ name: 'job', label: 'Service', metric: 'build_info', from: 'job' }],
  rows: [
    {
      title: 'Seen from the services',
      panels: [
        {
          kind: 'table',
          title: 'Running',
          description: 'Processes by service and version.',
          unit: 'short',
          width: 8,
          queries: [{ expr: 'count by (job, version, node_version) (build_info)' }],
        },
        {
          kind: 'timeseries',
          title: 'PostgreSQL and Kafka answer',
          description: '1 while the service reads its outbox, and while Kafka tells it its lag.',
          unit: 'short',
          width: 8,
          redBelow: 1,
          queries: [
            {
              expr: 'count by (job) (build_info{job=~"users|inventory|orders|payments"} and on (job) outbox_rows) > bool 0 or 0 * count by (job) (build_info{job=~"users|inventory|orders|payments"})',
              legend: '{{job}} PostgreSQL',
            },
            {
              expr: 'count by (job) (build_info{job=~"users|inventory|orders|payments"} and on (job) kafka_consumer_lag) > bool 0 or 0 * count by (job) (build_info{job=~"users|inventory|orders|payments"})',
              legend: '{{job}} Kafka',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Of the gateway',
          description:
            'Valkey: 1 while all gateways share their buckets. Configuration: 1 while a new one is refused. Age of what is known of ended sessions, in seconds.',
          unit: 'short',
          width: 8,
          queries: [
            { expr: 'min(throttle_shared_buckets)', legend: 'Valkey' },
            { expr: 'max(gateway_configuration_refused)', legend: 'configuration refused' },
            { expr: 'max(ended_sessions_feed_age_seconds)', legend: 'feed of ended sessions' },
          ],
        },
      ],
    },
    {
      title: 'RPCs',
      panels: [
        {
          kind: 'timeseries',
          title: 'Rate',
          description: 'Calls in a second that each service answered.',
          unit: 'reqps',
          width: 8,
          queries: [{ expr: rate(CALLS, 'job, rpc_method'), legend: '{{job}} {{rpc_method}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Faults',
          description: 'Share of calls that failed by a fault of the service, not of the caller.',
          unit: 'percentunit',
          width: 8,
          queries: [
            {
              expr: `(${rate(FAULTS, 'job')} or 0 * ${rate(CALLS, 'job')}) / ${rate(CALLS, 'job')}`,
              legend: '{{job}}',
            },
          ],
          links: [FAILED_TRACES],
        },
        {
          kind: 'timeseries',
          title: 'Duration, p99',
          description: 'By RPC, as the service measures it.',
          unit: 's',
          width: 8,
          queries: [
            {
              expr: quantile('rpc_server_call_duration_seconds_bucket', 'job, rpc_method'),
              legend: '{{job}} {{rpc_method}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'As callers see it, p99',
          description:
            'What is between this and the duration at the service is the network, or a queue in front of the service.',
          unit: 's',
          queries: [
            {
              expr: quantile('rpc_client_call_duration_seconds_bucket', 'job, rpc_service'),
              legend: '{{job}} to {{rpc_service}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Requests by fetch, p99',
          description: 'The payment provider, and public keys.',
          unit: 's',
          queries: [
            {
              expr: quantile('http_client_request_duration_seconds_bucket', 'job, server_address'),
              legend: '{{job}} to {{server_address}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Consumers',
      panels: [
        {
          kind: 'timeseries',
          title: 'Handled',
          description: 'Messages in a second, by type.',
          unit: 'ops',
          queries: [
            {
              expr: rate(`messages_consumed_total{${OF_JOB}, outcome="processed"}`, 'job, type'),
              legend: '{{job}} {{type}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Time of a handler, p99',
          description: 'One try, with its transaction.',
          unit: 's',
          queries: [
            { expr: quantile('messages_process_duration_seconds_bucket', 'job, type'), legend: '{{job}} {{type}}' },
          ],
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          kind: 'timeseries',
          title: 'Event loop: busy',
          description: 'Share of the time. From 85 % on answers get slow.',
          unit: 'percentunit',
          redFrom: 0.85,
          queries: [{ expr: `nodejs_eventloop_utilization_ratio{${OF_JOB}}`, legend: '{{job}} {{instance}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Event loop: late by, p99',
          description: 'By how much timers came late.',
          unit: 's',
          queries: [{ expr: `nodejs_eventloop_delay_p99_seconds{${OF_JOB}}`, legend: '{{job}} {{instance}}' }],
        },
        {
          kind: 'timeseries',
          title: 'CPU',
          description: 'Seconds of CPU in a second: 1 is a whole core.',
          unit: 'short',
          queries: [
            {
              expr: rate(`process_cpu_time_seconds_total{${OF_JOB}}`, 'job, instance'),
              legend: '{{job}} {{instance}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Memory',
          description: 'Resident memory. The limit of a container is in docker-compose.yml.',
          unit: 'bytes',
          queries: [{ expr: `process_memory_usage_bytes{${OF_JOB}}`, legend: '{{job}} {{instance}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Garbage collection',
          description: 'Share of the time that pauses took.',
          unit: 'percentunit',
          queries: [{ expr: rate(`v8js_gc_duration_seconds_sum{${OF_JOB}}`, 'job'), legend: '{{job}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Collector',
          description: 'Spans in a second that came in, went to Jaeger, and could not be sent.',
          unit: 'ops',
          queries: [
            { expr: 'sum(rate(otelcol_receiver_accepted_spans_total[$__rate_interval]))', legend: 'received' },
            { expr: 'sum(rate(otelcol_exporter_sent_spans_total[$__rate_interval]))', legend: 'sent' },
            { expr: 'sum(rate(otelcol_exporter_send_failed_spans_total[$__rate_interval]))', legend: 'failed' },
          ],
        },
      ],
    },
  ],
};

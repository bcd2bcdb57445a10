import type { Dashboard } from './dashboard.js';
import { SLOW_ORDERS } from './jaeger.js';

const rate = (series: string, by: string) => `sum by (${by}) (rate(${series}[$__rate_interval]))`;
const quantile = (share: number) =>
  `histogram_quantile(${share}, sum by (le, saga) (rate(saga_duration_seconds_bucket[$__rate_interval])))`;

/** What becomes of orders between their acceptance and their end: sagas, stock, money, and the messages between them. */
export const orders: Dashboard = {
  uid: 'orders',
  title: 'Orders',
  description: 'Orders from acceptance to end: sagas, stock, payments, and the messages that carry them.',
  choices: [],
  rows: [
    {
      title: 'Now',
      panels: [
        {
          kind: 'stat',
          title: 'Open orders',
          description: 'Sagas of orders that have not ended. All replicas read the same table: the maximum counts.',
          unit: 'short',
          width: 4,
          queries: [{ expr: 'max(saga_open{saga="place-order"})' }],
        },
        {
          kind: 'stat',
          title: 'Oldest open order',
          description: 'Its deadline is 300 s; SagaStuck fires at 420 s.',
          unit: 's',
          width: 4,
          redFrom: 420,
          queries: [{ expr: 'max(saga_oldest_open_age_seconds{saga="place-order"})' }],
        },
        {
          kind: 'stat',
          title: 'Oldest in an outbox',
          description: 'Committed and not yet in Kafka, of all services. Normal is under a second.',
          unit: 's',
          width: 4,
          redFrom: 30,
          queries: [{ expr: 'max(outbox_oldest_age_seconds)' }],
        },
        {
          kind: 'stat',
          title: 'Dead letters',
          description: 'Messages that wait for an operator: npm run ops -- dead-letters list',
          unit: 'short',
          width: 4,
          redFrom: 1,
          queries: [{ expr: 'sum(max by (job) (dead_letters_waiting))' }],
        },
        {
          kind: 'stat',
          title: 'Parked keys',
          description: 'Orders and accounts whose messages wait behind a dead letter.',
          unit: 'short',
          width: 4,
          redFrom: 1,
          queries: [{ expr: 'sum(max by (job) (dead_letters_parked_keys))' }],
        },
        {
          kind: 'stat',
          title: 'Ledger off by',
          description: 'Sum over all postings, in the smallest unit of the currency. Always 0.',
          unit: 'short',
          width: 4,
          redFrom: 1,
          queries: [{ expr: 'max(abs(payments_ledger_imbalance))' }],
        },
      ],
    },
    {
      title: 'Sagas',
      panels: [
        {
          kind: 'timeseries',
          title: 'Started and ended',
          description: 'Sagas in a second. What starts ends: the lines lie on each other but for the open ones.',
          unit: 'ops',
          queries: [
            { expr: rate('saga_started_total', 'saga'), legend: '{{saga}} started' },
            { expr: rate('saga_ended_total', 'saga, outcome'), legend: '{{saga}} {{outcome}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Why orders were turned back',
          description:
            'refused: no stock or no money. cancelled: by the customer. deadline: nobody answered, which is ours.',
          unit: 'ops',
          queries: [
            { expr: rate('saga_ended_total{saga="place-order", outcome="compensated"}', 'cause'), legend: '{{cause}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Duration',
          description: 'From acceptance to end, by the clock of the database.',
          unit: 's',
          queries: [
            { expr: quantile(0.5), legend: '{{saga}} p50' },
            { expr: quantile(0.99), legend: '{{saga}} p99' },
          ],
          links: [SLOW_ORDERS],
        },
        {
          kind: 'timeseries',
          title: 'Open, and the age of the oldest',
          description: 'An age that grows with the clock is a saga that waits for somebody.',
          unit: 's',
          redFrom: 420,
          queries: [
            { expr: 'max by (saga) (saga_oldest_open_age_seconds)', legend: '{{saga}} oldest' },
            { expr: 'max by (saga) (saga_open)', legend: '{{saga}} open (count)' },
          ],
        },
      ],
    },
    {
      title: 'Stock and money',
      panels: [
        {
          kind: 'timeseries',
          title: 'Reservations',
          description: 'By outcome; rejected ones with their reason.',
          unit: 'ops',
          queries: [
            { expr: rate('inventory_reservations_total', 'outcome, reason'), legend: '{{outcome}} {{reason}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Units of all products',
          description: 'stocked = available + reserved + sold; none is ever negative.',
          unit: 'short',
          queries: [{ expr: 'max by (counter) (inventory_stock_units)', legend: '{{counter}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Asked of the payment provider',
          description: 'By operation and result; unknown is no answer, and is asked again under the same key.',
          unit: 'ops',
          queries: [
            {
              expr: rate('payments_provider_operations_total', 'operation, result'),
              legend: '{{operation}} {{result}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Reconciliation',
          description:
            'Payments compared with ledger and provider; sums that disagreed; payments that wait for the provider.',
          unit: 'short',
          queries: [
            { expr: 'sum(rate(payments_reconciled_total[$__rate_interval]))', legend: 'compared in a second' },
            { expr: 'sum by (book, sum) (increase(payments_drift_total[5m]))', legend: 'drift: {{book}} {{sum}}' },
            { expr: 'max(payments_stuck)', legend: 'stuck' },
          ],
        },
      ],
    },
    {
      title: 'Messages',
      panels: [
        {
          kind: 'timeseries',
          title: 'Outbox: age of the oldest message',
          description: 'Committed and not yet in Kafka. OutboxStuck fires at 30 s.',
          unit: 's',
          redFrom: 30,
          queries: [{ expr: 'max by (job) (outbox_oldest_age_seconds)', legend: '{{job}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Consumer lag',
          description: 'Messages of a topic that the service has not committed, as the broker counts them.',
          unit: 'short',
          redFrom: 1000,
          queries: [{ expr: 'max by (job, topic) (kafka_consumer_lag)', legend: '{{job}} {{topic}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Published and handled',
          description: 'Messages in a second, by service.',
          unit: 'ops',
          queries: [
            { expr: rate('messages_published_total', 'job'), legend: '{{job}} published' },
            { expr: rate('messages_consumed_total{outcome="processed"}', 'job'), legend: '{{job}} processed' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'What did not go straight',
          description:
            'duplicate is harmless. failed and retried: look at the log. dead_lettered and parked: somebody has to act.',
          unit: 'ops',
          queries: [
            {
              expr: rate('messages_consumed_total{outcome!~"processed|skipped"}', 'job, outcome'),
              legend: '{{job}} {{outcome}}',
            },
          ],
        },
      ],
    },
  ],
};

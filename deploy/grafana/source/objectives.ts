import type { Row } from './dashboard.js';

const budgetLeft = (good: string, all: string, budget: string) => `1 - (1 - ${good} / ${all}) / ${budget}`;
const in30Days = (series: string) => `sum(increase(${series}[30d]))`;

/** Whether the objectives of deploy/prometheus/rules/gateway-slo.yml are met, and what is left of their budgets. */
export const objectives: Row = {
  title: 'Objectives (all routes, 30 days)',
  panels: [
    {
      kind: 'stat',
      title: 'Calls now',
      description: 'Requests in a second, all routes.',
      unit: 'reqps',
      width: 4,
      queries: [{ expr: 'sum(rate(gateway_requests_total{api="store"}[5m]))' }],
    },
    {
      kind: 'stat',
      title: 'Failed now',
      description: 'Share of requests answered 5xx in the last hour; the objective is 0.1 %.',
      unit: 'percentunit',
      width: 5,
      redFrom: 0.001,
      queries: [{ expr: 'slo:gateway_availability:error_ratio_rate1h' }],
    },
    {
      kind: 'stat',
      title: 'Budget left: failures',
      description: 'What is left of the 0.1 % that may fail in 30 days. At 0 nothing risky is released.',
      unit: 'percentunit',
      width: 5,
      redBelow: 0.1,
      queries: [
        {
          expr: `1 - (${in30Days('gateway_server_errors_total{api="store"}')} or vector(0)) / ${in30Days('gateway_requests_total{api="store"}')} / 0.001`,
        },
      ],
    },
    {
      kind: 'stat',
      title: 'Slow now',
      description: 'Share of requests answered later than after 0.5 s in the last hour; the objective is 1 %.',
      unit: 'percentunit',
      width: 5,
      redFrom: 0.01,
      queries: [{ expr: 'slo:gateway_latency:error_ratio_rate1h' }],
    },
    {
      kind: 'stat',
      title: 'Budget left: latency',
      description: 'What is left of the 1 % that may take longer than 0.5 s in 30 days.',
      unit: 'percentunit',
      width: 5,
      redBelow: 0.1,
      queries: [
        {
          expr: budgetLeft(
            in30Days('gateway_latency_seconds_bucket{api="store", waited="", le="0.5"}'),
            in30Days('gateway_latency_seconds_count{api="store", waited=""}'),
            '0.01',
          ),
        },
      ],
    },
    {
      kind: 'timeseries',
      title: 'Burn rate: failures',
      description: 'How many times faster than planned the budget is used up. Pages from 14.4 (1 h) and 6 (6 h).',
      unit: 'short',
      redFrom: 14.4,
      queries: ['5m', '1h', '6h', '3d'].map((window) => ({
        expr: `slo:gateway_availability:error_ratio_rate${window} / 0.001`,
        legend: window,
      })),
    },
    {
      kind: 'timeseries',
      title: 'Burn rate: latency',
      description: 'The same of the budget for slow requests.',
      unit: 'short',
      redFrom: 14.4,
      queries: ['5m', '1h', '6h', '3d'].map((window) => ({
        expr: `slo:gateway_latency:error_ratio_rate${window} / 0.01`,
        legend: window,
      })),
    },
  ],
};

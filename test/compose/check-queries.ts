import { queriesOf, readDashboards } from '../monitoring/dashboard-files.js';
import { readQuery, withoutVariables } from '../monitoring/promql.js';
import { readRules } from '../monitoring/rule-files.js';
import type { Prometheus } from './prometheus.js';

/**
 * Metrics without a series as long as nothing goes wrong: counters of refusals and failures, which begin with the first.
 * Everything else must have one after the shopping of the test.
 */
const MAY_BE_EMPTY = new Set([
  'ALERTS',
  'gateway_server_errors_total',
  'gateway_streams_refused_total',
  'gateway_throttled_total',
  'otelcol_exporter_send_failed_spans_total',
  'payments_drift_total',
]);

/** Queries of panels that show what went wrong out of a metric that counts other things as well. */
const MAY_FIND_NOTHING = new Set(['Orders / What did not go straight / A']);

interface Asked {
  readonly place: string;
  readonly expr: string;
  /** Rules are there to find nothing; panels to show something. */
  readonly isPanel: boolean;
}

function everyQuery(): Asked[] {
  const { recordings, alerts } = readRules();
  return [
    ...recordings.map(({ record, expr }) => ({ place: record, expr, isPanel: false })),
    ...alerts.map(({ alert, expr }) => ({ place: alert, expr, isPanel: false })),
    ...readDashboards()
      .flatMap(queriesOf)
      .map(({ place, expr }) => ({ place, expr, isPanel: true })),
  ];
}

/**
 * Runs every query of every rule and dashboard, and tells what is wrong: one that Prometheus refuses, one that names a metric
 * without a series, a panel that would be empty. Lines that begin with the place of the query.
 */
export async function problemsOfQueries(prometheus: Prometheus): Promise<string[]> {
  const missing = new Map<string, boolean>();
  const problems: string[] = [];
  for (const { place, expr, isPanel } of everyQuery()) {
    const names = readQuery(expr).metrics.filter((name) => !MAY_BE_EMPTY.has(name));
    for (const name of names) {
      if (!missing.has(name)) missing.set(name, (await prometheus.query(`count(${name})`)).length === 0);
      if (missing.get(name)) problems.push(`${place}: no series of ${name}`);
    }
    const found = await prometheus.query(withoutVariables(expr)).catch((error: Error) => error);
    if (found instanceof Error) problems.push(`${place}: ${found.message}`);
    else if (isPanel && found.length === 0 && names.length > 0 && !MAY_FIND_NOTHING.has(place)) {
      problems.push(`${place}: finds nothing`);
    }
  }
  return problems;
}

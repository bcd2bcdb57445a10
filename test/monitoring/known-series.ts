import { describedMetrics, seriesOf } from '../metrics/metrics-page.js';
import { readQuery } from './promql.js';
import { type Recording, readRules } from './rule-files.js';

/** Labels that every series gets from the way it takes. */
const OF_ALL = ['job', 'instance'];

/** What Prometheus makes itself. */
const OF_PROMETHEUS: readonly [string, readonly string[]][] = [
  ['up', []],
  ['ALERTS', ['alertname', 'alertstate', 'severity', 'slo']],
];

/** What the collector tells of itself; its own documentation lists it. */
const OF_COLLECTOR = /^otelcol_(receiver|exporter|processor|process)_[a-z_]+$/;

/** What a query may name: docs/metrics.md, the recording rules, and what Prometheus and the collector tell of themselves. */
export class KnownSeries {
  private readonly labels = new Map<string, readonly string[]>();

  constructor(recordings: readonly Recording[] = readRules().recordings) {
    for (const [name, labels] of OF_PROMETHEUS) this.labels.set(name, labels);
    for (const metric of describedMetrics()) {
      for (const [series, labels] of seriesOf(metric)) this.labels.set(series, labels);
    }
    // By its grammar a rule may keep any label that it reads.
    for (const { record, expr } of recordings) this.labels.set(record, readQuery(expr).labels);
  }

  /** What is wrong with a query, in words; nothing when Prometheus can answer it with series of this store. */
  problemsOf(query: string): string[] {
    const { metrics, labels, problems } = readQuery(query);
    const unknown = metrics.filter((name) => !this.labels.has(name) && !OF_COLLECTOR.test(name));
    const possible = new Set([...OF_ALL, ...metrics.flatMap((name) => this.labels.get(name) ?? [])]);
    const foreign = metrics.some((name) => OF_COLLECTOR.test(name)) ? [] : labels.filter((name) => !possible.has(name));
    return [
      ...problems,
      ...unknown.map((name) => `no metric ${name} in docs/metrics.md`),
      ...foreign.map((name) => `none of its metrics has the label ${name}`),
    ];
  }
}

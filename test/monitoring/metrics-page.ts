import { readFileSync } from 'node:fs';

const HISTOGRAM_SERIES = ['_bucket', '_sum', '_count'];

/** A row of docs/metrics.md. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
}

/** The metrics of docs/metrics.md; a test of its own compares that page with running apps. */
export function documentedMetrics(page = readFileSync('docs/metrics.md', 'utf8')): Metric[] {
  const rows = page.matchAll(/^\| `([a-z0-9_]+)` \| (counter|gauge|histogram)[^|]*\|([^|]*)\|/gm);
  return [...rows].map(([, name = '', type = '', labels = '']) => ({
    name,
    type: toType(type),
    labels: [...labels.matchAll(/`([a-z0-9_]+)`/g)].map(([, label = '']) => label),
  }));
}

/** Series that a metric has in Prometheus, with the labels of each. */
export function seriesOf({ name, type, labels }: Metric): [string, readonly string[]][] {
  if (type !== 'histogram') return [[name, labels]];
  return HISTOGRAM_SERIES.map((suffix) => [name + suffix, suffix === '_bucket' ? [...labels, 'le'] : labels]);
}

function toType(text: string): Metric['type'] {
  if (text === 'counter' || text === 'gauge' || text === 'histogram') return text;
  throw new Error(`no type of a metric: ${text}`);
}

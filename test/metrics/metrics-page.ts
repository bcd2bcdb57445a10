import { readFileSync } from 'node:fs';

/** A row of docs/metrics.md. */
export interface DescribedMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: ReadonlySet<string>;
  /** Apps that tell it, or `collector`. */
  readonly apps: readonly string[];
  /** Whether every replica tells the same: to be read by `max`. */
  readonly isShared: boolean;
}

const APPS = ['gateway', 'users', 'inventory', 'orders', 'payments', 'payment-simulator'];
const HISTOGRAM_SERIES = ['_bucket', '_sum', '_count'];

/** The metrics that docs/metrics.md describes; `test/metrics` compares that page with running apps. */
export function describedMetrics(page = readFileSync('docs/metrics.md', 'utf8')): DescribedMetric[] {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) => {
    const [, name = '', type = '', labels = '', of = ''] = row.split('|').map((cell) => cell.trim());
    return {
      name: name.replaceAll('`', ''),
      type: toType(type),
      labels: new Set([...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label)),
      apps: of === 'all' ? APPS : of.split(', '),
      isShared: type.includes('**max**'),
    };
  });
}

/** Series that a metric has in Prometheus, with the labels of each. */
export function seriesOf({ name, type, labels }: DescribedMetric): [string, readonly string[]][] {
  if (type !== 'histogram') return [[name, [...labels]]];
  return HISTOGRAM_SERIES.map((suffix) => [name + suffix, suffix === '_bucket' ? [...labels, 'le'] : [...labels]]);
}

function toType(text: string): DescribedMetric['type'] {
  const type = text.split(',')[0];
  if (type === 'counter' || type === 'gauge' || type === 'histogram') return type;
  throw new Error(`docs/metrics.md has no type of a metric: ${text}`);
}

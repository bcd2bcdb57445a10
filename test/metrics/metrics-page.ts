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
const ROW = /^\| `(\w+)` \| (counter|gauge|histogram)(, \*\*max\*\*)? \| (.*?) ?\| ([\w, -]+) \|/gm;

/** The metrics that docs/metrics.md describes. */
export function describedMetrics(): DescribedMetric[] {
  const page = readFileSync('docs/metrics.md', 'utf8');
  return [...page.matchAll(ROW)].map(([, name = '', type = '', max, labels = '', of = '']) => ({
    name,
    type: type as DescribedMetric['type'],
    labels: new Set([...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label)),
    apps: of === 'all' ? APPS : of.split(', '),
    isShared: max !== undefined,
  }));
}

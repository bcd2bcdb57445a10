/** What one app answers at /metrics. */
export interface ToldMetric {
  readonly type: string;
  readonly labels: ReadonlySet<string>;
}

const TYPE = /^# TYPE (\w+) (\w+)$/gm;
const SAMPLE = /^(\w+?)(_bucket|_sum|_count)?(\{.*\})? \S+$/gm;
const LABEL = /[{,](\w+)="/g;

/** The metrics of a page in Prometheus' text format, with the labels of all their series. */
export function toldMetrics(page: string): Map<string, ToldMetric> {
  const types = new Map([...page.matchAll(TYPE)].map(([, name = '', type = '']) => [name, type]));
  const labels = new Map([...types.keys()].map((name) => [name, new Set<string>()]));
  for (const [, base = '', suffix = '', braces = ''] of page.matchAll(SAMPLE)) {
    const name = types.has(base + suffix) ? base + suffix : base;
    for (const [, label = ''] of braces.matchAll(LABEL)) if (label !== 'le') labels.get(name)?.add(label);
  }
  return new Map([...types].map(([name, type]) => [name, { type, labels: labels.get(name) ?? new Set() }]));
}

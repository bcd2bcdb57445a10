import { parser } from '@prometheus-io/lezer-promql';

export interface ReadQuery {
  /** Names of the metrics it selects, each once. */
  readonly metrics: readonly string[];
  /** Labels it matches, groups or joins by, each once. */
  readonly labels: readonly string[];
  /** Why it is no PromQL, or selects what cannot be checked. */
  readonly problems: readonly string[];
}

/** What Grafana puts in for its own variables before it asks Prometheus; the ranges are as good as any. */
const GRAFANA_VARIABLES: ReadonlyMap<string, string> = new Map([
  ['$__rate_interval', '5m'],
  ['$__interval', '1m'],
  ['$__range', '1h'],
]);

/** The query as Prometheus understands it: Grafana's ranges filled in, and every variable of a dashboard set to "All". */
export function withoutVariables(query: string): string {
  let filled = query;
  for (const [variable, value] of GRAFANA_VARIABLES) filled = filled.replaceAll(variable, value);
  return filled.replaceAll(/\$\w+|\$\{\w+\}/g, '.*');
}

/** Reads a query by Prometheus' own grammar. */
export function readQuery(query: string): ReadQuery {
  const text = withoutVariables(query);
  const metrics = new Set<string>();
  const labels = new Set<string>();
  const problems: string[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError) problems.push(`not PromQL at "${text.slice(from, from + 20)}"`);
      if (type.name === 'VectorSelector') {
        const name = node.getChild('Identifier');
        if (name) metrics.add(text.slice(name.from, name.to));
        else problems.push(`selects by labels alone: ${text.slice(from, to)}`);
      }
      if (type.name === 'LabelName') labels.add(text.slice(from, to));
    },
  });
  return { metrics: [...metrics], labels: [...labels], problems };
}

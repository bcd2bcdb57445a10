import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const DASHBOARDS_FOLDER = 'deploy/grafana/dashboards';

const source = z.object({ type: z.string(), uid: z.string() });
const panel = z.object({
  id: z.number(),
  type: z.string(),
  title: z.string().min(1),
  description: z.string().optional(),
  datasource: source.optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z
    .array(z.object({ refId: z.string(), expr: z.string(), datasource: source, exemplar: z.boolean().optional() }))
    .optional(),
});
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  annotations: z.object({ list: z.array(z.object({ datasource: source, expr: z.string() })) }),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), datasource: source, query: z.object({ query: z.string() }) })),
  }),
  panels: z.array(panel),
});

export type GrafanaDashboard = z.infer<typeof dashboard>;

/** A query of a dashboard, and where it stands. */
export interface PlacedQuery {
  /** Dashboard, panel and number of the query. */
  readonly place: string;
  readonly expr: string;
  readonly exemplar: boolean;
}

/** Every dashboard that Grafana is given. Throws where a file is not one. */
export function readDashboards(): GrafanaDashboard[] {
  return readdirSync(DASHBOARDS_FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => dashboard.parse(JSON.parse(readFileSync(join(DASHBOARDS_FOLDER, name), 'utf8'))));
}

/** The queries of panels, annotations and choices; those of choices as the series whose labels they list. */
export function queriesOf({ title, panels, annotations, templating }: GrafanaDashboard): PlacedQuery[] {
  const ofPanels = panels.flatMap(({ title: name, targets = [] }) =>
    targets.map(({ refId, expr, exemplar = false }) => ({ place: `${title} / ${name} / ${refId}`, expr, exemplar })),
  );
  const ofAnnotations = annotations.list.map(({ expr }) => ({ place: `${title} / annotation`, expr, exemplar: false }));
  const ofChoices = templating.list.map(({ name, query }) => ({
    place: `${title} / choice ${name}`,
    expr: query.query.replace(/^label_values\((.*), (\w+)\)$/, 'count by ($2) ($1)'),
    exemplar: false,
  }));
  return [...ofPanels, ...ofAnnotations, ...ofChoices];
}

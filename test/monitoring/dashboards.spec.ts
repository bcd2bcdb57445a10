import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { dashboardFiles } from '../../deploy/grafana/source/index.js';
import { DASHBOARDS_FOLDER, queriesOf, readDashboards } from './dashboard-files.js';
import { KnownSeries } from './known-series.js';

const files = dashboardFiles();
if (process.env.UPDATE_DOCS) {
  mkdirSync(DASHBOARDS_FOLDER, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(DASHBOARDS_FOLDER, name), content);
}

const dashboards = readDashboards();
const queries = dashboards.flatMap(queriesOf);
const known = new KnownSeries();

describe('the dashboards', () => {
  it('are those of deploy/grafana/source: UPDATE_DOCS=true npm run test:unit -- monitoring', () => {
    expect(readdirSync(DASHBOARDS_FOLDER).sort()).toEqual(files.map(([name]) => name).sort());
    for (const [name, content] of files) expect(readFileSync(join(DASHBOARDS_FOLDER, name), 'utf8')).toBe(content);
  });

  it.each(queries.map(({ place, expr }) => [place, expr]))('%s asks for what docs/metrics.md lists', (_place, expr) => {
    expect(known.problemsOf(expr)).toEqual([]);
  });

  it('have addresses of their own', () => {
    const uids = dashboards.map(({ uid }) => uid);
    expect(uids.sort()).toEqual(['api', 'infrastructure', 'orders']);
  });

  it('ask only data sources that are provisioned', () => {
    const { datasources } = parse(readFileSync('deploy/grafana/provisioning/datasources/datasources.yml', 'utf8'));
    const provisioned = datasources.map(({ type, uid }: { type: string; uid: string }) => `${type} ${uid}`);
    expect(provisioned).toEqual(['prometheus prometheus', 'jaeger jaeger']);
    const named = dashboards.flatMap(({ panels, annotations, templating }) => [
      ...panels.flatMap(({ datasource, targets = [] }) =>
        [datasource ?? [], ...targets.map((target) => target.datasource)].flat(),
      ),
      ...annotations.list.map(({ datasource }) => datasource),
      ...templating.list.map(({ datasource }) => datasource),
    ]);
    expect([...new Set(named.map(({ type, uid }) => `${type} ${uid}`))]).toEqual(['prometheus prometheus']);
  });

  it.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))(
    '%s: each panel says what it tells, has a number of its own, and covers no other',
    (_title, { panels }) => {
      const shown = panels.filter(({ type }) => type !== 'row');
      expect(shown.length).toBeGreaterThan(9);
      expect(shown.filter(({ description = '', targets = [] }) => description === '' || targets.length === 0)).toEqual(
        [],
      );
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
    },
  );

  it('lead from a latency to its trace: the label of exemplars is the one that the data source knows', () => {
    const { datasources } = parse(readFileSync('deploy/grafana/provisioning/datasources/datasources.yml', 'utf8'));
    const [{ jsonData }] = datasources;
    // Grafana fills in variables of its environment; $$ leaves one for the browser.
    const url = expect.stringMatching(/^\$\{JAEGER_URL\}\/trace\/\$\$\{__value\.raw\}$/);
    expect(jsonData.exemplarTraceIdDestinations).toMatchObject([{ name: 'trace_id', url }]);
    const withExemplars = queries.filter(({ exemplar }) => exemplar);
    expect(withExemplars.length).toBeGreaterThan(0);
    for (const { expr } of withExemplars) expect(expr).toContain('kept_spans_duration_seconds_bucket');
  });
});

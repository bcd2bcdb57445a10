import { type Panel, type Place, toPanel } from './panel.js';

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A choice above the dashboard, filled with the values of a label. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** A metric that has the label. */
  readonly metric: string;
  readonly from: string;
}

/** A dashboard in the words of this folder. */
export interface Dashboard {
  /** Part of its address, never changed: links lead to it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly choices: readonly Choice[];
  readonly rows: readonly Row[];
}

const COLUMNS = 24;
const HEIGHT = 8;
const STAT_HEIGHT = 4;
const TAG = 'ineedthatfast';

/** The dashboard as Grafana reads it from a file. */
export function toGrafana({ uid, title, description, choices, rows }: Dashboard): object {
  return {
    uid,
    title,
    description,
    tags: [TAG],
    schemaVersion: 41,
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    links: [{ type: 'dashboards', title: 'Dashboards', tags: [TAG], asDropdown: false, keepTime: true }],
    annotations: { list: [firingAlerts] },
    templating: { list: choices.map(toVariable) },
    panels: placed(rows),
  };
}

const firingAlerts = {
  name: 'Alerts',
  datasource: { type: 'prometheus', uid: 'prometheus' },
  enable: true,
  iconColor: 'red',
  expr: 'ALERTS{alertstate="firing"}',
  titleFormat: '{{alertname}}',
  textFormat: '{{severity}}',
};

function toVariable({ name, label, metric, from }: Choice): object {
  return {
    type: 'query',
    name,
    label,
    datasource: { type: 'prometheus', uid: 'prometheus' },
    query: { query: `label_values(${metric}, ${from})`, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  };
}

/** Fills rows from the left; a panel that finds no room begins a new line. */
function placed(rows: readonly Row[]): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
    });
    y += 1;
    const line = lineOf(row.panels, y);
    for (const [panel, place] of line.places) panels.push(toPanel(panel, panels.length + 1, place));
    y = line.end;
  }
  return panels;
}

function lineOf(panels: readonly Panel[], top: number): { places: [Panel, Place][]; end: number } {
  const places: [Panel, Place][] = [];
  let [x, y, lineHeight] = [0, top, 0];
  for (const panel of panels) {
    const w = panel.width ?? COLUMNS / 2;
    const h = panel.kind === 'stat' ? STAT_HEIGHT : HEIGHT;
    if (x + w > COLUMNS) [x, y, lineHeight] = [0, y + lineHeight, 0];
    places.push([panel, { x, y, w, h }]);
    x += w;
    lineHeight = Math.max(lineHeight, h);
  }
  return { places, end: y + lineHeight };
}

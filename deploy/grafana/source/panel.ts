/** One line or one table column of a panel. */
export interface Query {
  readonly expr: string;
  /** What the legend says, e.g. {{http_route}}. */
  readonly legend?: string;
  /** Shows points that lead to a trace. Only where the metric has exemplars. */
  readonly exemplar?: boolean;
}

export type Unit = 's' | 'reqps' | 'percentunit' | 'short' | 'bytes' | 'ops';

export interface Link {
  readonly title: string;
  readonly url: string;
}

/** A panel in the words of this folder; `toPanel` says it in Grafana's. */
export interface Panel {
  readonly kind: 'timeseries' | 'stat' | 'table';
  readonly title: string;
  /** What it tells, and what is normal. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Of 24 columns; 12 without it. */
  readonly width?: number;
  /** From this value on it is red. */
  readonly redFrom?: number;
  /** Below this value it is red. */
  readonly redBelow?: number;
  readonly stacked?: boolean;
  readonly links?: readonly Link[];
}

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

const PROMETHEUS = { type: 'prometheus', uid: 'prometheus' };

/** The panel as Grafana reads it. */
export function toPanel(panel: Panel, id: number, gridPos: Place): object {
  const { kind, title, description, queries } = panel;
  return {
    id,
    type: kind,
    title,
    description,
    datasource: PROMETHEUS,
    gridPos,
    targets: queries.map((query, index) => toTarget(query, index, kind)),
    fieldConfig: { defaults: defaultsOf(panel), overrides: [] },
    options: optionsOf(kind),
  };
}

function toTarget({ expr, legend, exemplar }: Query, index: number, kind: Panel['kind']): object {
  const instant = kind !== 'timeseries';
  return {
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: PROMETHEUS,
    expr,
    legendFormat: legend ?? '__auto',
    instant,
    range: !instant,
    ...(kind === 'table' && { format: 'table' }),
    ...(exemplar && { exemplar }),
  };
}

function defaultsOf({ unit, kind, stacked, links, ...limits }: Panel): object {
  return {
    unit,
    min: 0,
    thresholds: { mode: 'absolute', steps: stepsOf(limits) },
    color: { mode: kind === 'stat' ? 'thresholds' : 'palette-classic' },
    links: (links ?? []).map((link) => ({ ...link, targetBlank: true })),
    ...(kind === 'timeseries' && { custom: lineStyle(stacked ?? false, limits) }),
  };
}

function lineStyle(stacked: boolean, limits: Pick<Panel, 'redFrom' | 'redBelow'>): object {
  const limited = limits.redFrom !== undefined || limits.redBelow !== undefined;
  return {
    drawStyle: 'line',
    fillOpacity: stacked ? 30 : 8,
    showPoints: 'never',
    spanNulls: false,
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: limited ? 'dashed' : 'off' },
  };
}

function stepsOf({ redFrom, redBelow }: Pick<Panel, 'redFrom' | 'redBelow'>): object[] {
  if (redBelow !== undefined) return [step('red', null), step('green', redBelow)];
  return redFrom === undefined ? [step('green', null)] : [step('green', null), step('red', redFrom)];
}

const step = (color: string, value: number | null) => ({ color, value });

function optionsOf(kind: Panel['kind']): object {
  if (kind === 'timeseries') {
    return {
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    };
  }
  if (kind === 'table') return { showHeader: true, cellHeight: 'sm' };
  return {
    colorMode: 'value',
    graphMode: 'none',
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
  };
}

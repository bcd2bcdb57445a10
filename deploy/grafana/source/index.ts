import { api } from './api.js';
import { type Dashboard, toGrafana } from './dashboard.js';
import { infrastructure } from './infrastructure.js';
import { orders } from './orders.js';

const dashboards: readonly Dashboard[] = [api, orders, infrastructure];

/** Name and content of each file in deploy/grafana/dashboards. */
export function dashboardFiles(): [string, string][] {
  return dashboards.map((dashboard) => [`${dashboard.uid}.json`, `${JSON.stringify(toGrafana(dashboard), null, 1)}\n`]);
}

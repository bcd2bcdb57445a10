import { readFileSync } from 'node:fs';
import { KnownSeries } from './known-series.js';
import { readRules } from './rule-files.js';

const { recordings, alerts } = readRules();
const known = new KnownSeries(recordings);
const RUNBOOK = 'docs/runbook.md';

/** Headings of the runbook's part on alerts, of the third level. */
function runbookSections(): string[] {
  const part =
    readFileSync(RUNBOOK, 'utf8')
      .split(/^## /m)
      .find((text) => text.startsWith('Alerts\n')) ?? '';
  return [...part.matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name);
}

describe('the rules of Prometheus', () => {
  it('are there', () => {
    expect(recordings.length).toBeGreaterThanOrEqual(14);
    expect(alerts.length).toBeGreaterThanOrEqual(20);
  });

  it.each([...recordings, ...alerts].map((rule) => ['alert' in rule ? rule.alert : rule.record, rule.expr]))(
    '%s asks for metrics and labels that docs/metrics.md lists',
    (_name, query) => {
      expect(known.problemsOf(query)).toEqual([]);
    },
  );

  it('every alert leads to its section of the runbook, and every section there has its alert', () => {
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook_url).toBe(`${RUNBOOK}#${alert.toLowerCase()}`);
    }
    expect(runbookSections().sort()).toEqual([...new Set(alerts.map(({ alert }) => alert))].sort());
  });

  it('the windows of the objectives are recorded for both of them alike', () => {
    const windows = (slo: string) =>
      recordings
        .filter(({ record }) => record.startsWith(`slo:${slo}:`))
        .map(({ record }) => record.split('rate').at(-1));
    expect(windows('gateway_availability')).toEqual(['5m', '30m', '1h', '2h', '6h', '1d', '3d']);
    expect(windows('gateway_latency')).toEqual(windows('gateway_availability'));
  });
});

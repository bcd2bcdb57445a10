import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const RULES_FOLDER = 'deploy/prometheus/rules';

const texts = z.record(z.string(), z.string());
const recording = z.strictObject({ record: z.string(), expr: z.string(), labels: texts.optional() });
const alerting = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['page', 'ticket']), slo: z.string().optional() }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
});
const ruleFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      interval: z.string().optional(),
      rules: z.array(z.union([recording, alerting])),
    }),
  ),
});

export type Recording = z.infer<typeof recording>;
export type Alert = z.infer<typeof alerting>;

export interface Rules {
  readonly recordings: readonly Recording[];
  readonly alerts: readonly Alert[];
}

/** Every rule that Prometheus loads. Throws where a file has another shape, or an alert lacks a severity or an annotation. */
export function readRules(folder = RULES_FOLDER): Rules {
  const rules = readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .flatMap((name) => ruleFile.parse(parse(readFileSync(join(folder, name), 'utf8'))).groups)
    .flatMap((group) => group.rules);
  return {
    recordings: rules.filter((rule) => 'record' in rule),
    alerts: rules.filter((rule) => 'alert' in rule),
  };
}

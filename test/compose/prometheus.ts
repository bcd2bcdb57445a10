import { z } from 'zod';

const answer = z.object({ status: z.literal('success'), data: z.unknown() });
const vector = z.object({
  result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
});
const scalarOrString = z.object({ resultType: z.enum(['scalar', 'string']) });
const rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({ name: z.string(), health: z.string(), lastError: z.string().optional(), type: z.string() }),
      ),
    }),
  ),
});
const exemplars = z.array(z.object({ exemplars: z.array(z.object({ labels: z.record(z.string(), z.string()) })) }));

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Prometheus' HTTP API. Every method throws with what Prometheus said where it does not answer "success". */
export class Prometheus {
  constructor(private readonly url: string) {}

  /** The value of a query now. */
  async query(query: string): Promise<Sample[]> {
    const data = await this.ask('query', { query });
    if (scalarOrString.safeParse(data).success) return [];
    return vector.parse(data).result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  /** Labels of the exemplars that a query met within the last ten minutes. */
  async exemplars(query: string): Promise<Readonly<Record<string, string>>[]> {
    const now = Date.now() / 1000;
    const data = await this.ask('query_exemplars', { query, start: String(now - 600), end: String(now) });
    return exemplars.parse(data).flatMap((series) => series.exemplars.map(({ labels }) => labels));
  }

  /** The rules that it has loaded; `health` is ok once a rule has been evaluated without an error. */
  async rules(): Promise<{ name: string; health: string; lastError?: string | undefined; type: string }[]> {
    return rules.parse(await this.ask('rules', {})).groups.flatMap((group) => group.rules);
  }

  /** Names of the alerts that fire, with what they are about. */
  async firing(): Promise<string[]> {
    const alerts = await this.query('ALERTS{alertstate="firing"}');
    return alerts.map(({ labels }) => [labels.alertname, labels.job].filter(Boolean).join(' '));
  }

  private async ask(path: string, parameters: Record<string, string>): Promise<unknown> {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const body: unknown = await response.json();
    const parsed = answer.safeParse(body);
    if (!parsed.success) throw new Error(`${path} ${JSON.stringify(parameters)}: ${JSON.stringify(body)}`);
    return parsed.data.data;
  }
}

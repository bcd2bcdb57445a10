import { Field } from './field.js';
import { loadNow, machine } from './figures/machine.js';
import { rowsOf } from './figures/rows.js';
import { tableOf } from './figures/table.js';
import type { Gateway } from './gateways/gateway.js';
import { prepared } from './prepared.js';
import { type Rounds, runRounds } from './rounds.js';
import { KINDS } from './shop/shop.js';

const TITLES = { get: 'One product (329 B)', list: 'A list of 50 (16.6 kB)', create: 'An order of 5 lines' } as const;

export interface BenchReport {
  /** Markdown, without a heading of its own. */
  readonly text: string;
  /** Whether every gateway answered rightly all the time. */
  readonly ok: boolean;
}

/** Measures the gateways that can be had here. */
export async function bench(field: Field, gateways: readonly Gateway[], wanted: Rounds): Promise<BenchReport> {
  const { ready, missing } = prepared(gateways);
  const load = loadNow();
  const running = [];
  for (const gateway of ready) running.push(await field.start(gateway));
  const { measured, failed } = await runRounds(field, running, wanted);
  const tables = KINDS.map((kind) => `### ${TITLES[kind]}\n\n${tableOf(rowsOf(kind, ready, measured), wanted.rate)}`);
  const { rounds, seconds, connections } = wanted;
  const text = [
    `${new Date().toISOString().slice(0, 10)}, ${machine()}; ${field.description}. ${rounds} rounds of ${seconds} s for each loop, ` +
      `${connections} connections; ${load} processes wanted to run before.`,
    ready.map(({ name, version }) => `- ${name}: ${version}`).join('\n'),
    [...missing, ...[...failed].map(([{ gateway }, reason]) => `**${gateway.name} failed**: ${reason}`)].join('\n'),
    ...tables,
  ];
  return { text: text.filter(Boolean).join('\n\n'), ok: failed.size === 0 };
}

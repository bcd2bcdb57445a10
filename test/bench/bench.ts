import type { Field, RunningGateway } from './field.js';
import { loadNow, machine } from './figures/machine.js';
import type { Measured } from './figures/measured.js';
import { rowsOf } from './figures/rows.js';
import { tableOf } from './figures/table.js';
import type { Gateway } from './gateways/gateway.js';
import { checkGuards, checkRecords } from './guards.js';
import { prepared } from './prepared.js';
import { type Failures, orFail, type Rounds, runRounds } from './rounds.js';

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
  const { rounds, seconds, connections, rate } = wanted;
  const lines = [
    `${new Date().toISOString().slice(0, 10)}, ${machine()}; ${field.description}. ${rounds} round${rounds === 1 ? '' : 's'}, each loop ${seconds} s, ` +
      `${connections} connections; before, ${loadNow()} processes wanted to run.`,
    ready.map(({ name, version }) => `- ${name}: ${version}`).join('\n'),
  ];
  const { measured, failures } = await measureAll(field, ready, wanted);
  const right = ready.filter(({ name }) => !failures.has(name));
  const problems = [...missing, ...[...failures].map(([name, reason]) => `**${name} failed**: ${reason}`)];
  const tables = wanted.kinds.map((kind) => `### ${TITLES[kind]}\n\n${tableOf(rowsOf(kind, right, measured), rate)}`);
  return { text: [...lines, problems.join('\n'), ...tables].filter(Boolean).join('\n\n'), ok: failures.size === 0 };
}

async function measureAll(field: Field, gateways: readonly Gateway[], wanted: Rounds) {
  const failures: Failures = new Map();
  const running: RunningGateway[] = [];
  for (const gateway of gateways) {
    const started = await field.start(gateway);
    running.push(started);
    await orFail(started, failures, () => checkGuards(field, started));
  }
  const measured = await runRounds(field, running, wanted, failures);
  for (const ended of running) {
    // Spans that were not sent yet are sent at the end.
    await ended.process.stop();
    if (!ended.gateway.recorded || failures.has(ended.gateway.name)) continue;
    await orFail(ended, failures, () => checkRecords(ended, requestsOf(ended, measured), field.spanBytes));
  }
  return { measured, failures };
}

function requestsOf({ gateway }: RunningGateway, measured: readonly Measured[]): number {
  return measured.filter((it) => it.gateway === gateway.name).reduce((sum, { requests }) => sum + requests, 0);
}

import { setTimeout as delay } from 'node:timers/promises';
import type { BenchReport } from './bench.js';
import type { Field, RunningGateway } from './field.js';
import { loadNow, machine } from './figures/machine.js';
import { markdownTable } from './figures/table.js';
import type { Gateway } from './gateways/gateway.js';
import type { LoadJob } from './load/load-job.js';
import { whileHeld } from './load/start-load.js';
import { cpuMicros, residentMebibytes } from './processes/process-figures.js';
import { CASES, type ShopCase, WATCH } from './shop/shop.js';

interface Held {
  readonly what: string;
  readonly mode: LoadJob['mode'];
  readonly shopCase: ShopCase;
  readonly connections: number;
}

interface Used {
  /** Cores. */
  readonly cpu: number;
  /** MiB */
  readonly memory: number;
}

/** What is held open while nothing is asked. The gateway ends a connection that was idle for 65 s: all is over by then. */
const HELD: readonly Held[] = [
  { what: '10,000 idle connections', mode: 'hold', shopCase: CASES.get, connections: 10_000 },
  { what: '1,000 open event streams', mode: 'hold-streams', shopCase: WATCH, connections: 1_000 },
];
/** Until what opening them took has been done: garbage collected, answers written. */
const SETTLE_MS = 5_000;

/** Measures what it costs our gateway to keep connections and streams open: each configuration, a new process for each line. */
export async function idle(field: Field, gateways: readonly Gateway[], seconds: number): Promise<BenchReport> {
  const lines: string[][] = [];
  for (const gateway of gateways.filter(({ family }) => family === 'ours')) {
    for (const held of [undefined, ...HELD]) {
      const what = held?.what ?? 'nothing open';
      console.error(`${gateway.name}: ${what}`);
      const running = await field.start(gateway);
      const { cpu, memory } = await usedWhile(field, running, held, seconds);
      lines.push([gateway.name, what, `${(cpu * 100).toFixed(2)} %`, memory.toFixed(0)]);
      await running.process.stop();
    }
  }
  const table = markdownTable(['gateway', 'open', 'CPU of a core', 'resident MiB'], lines);
  const when = `${new Date().toISOString().slice(0, 10)}, ${machine()}; ${field.description}. Measured for ${seconds} s; ${loadNow()} processes wanted to run.`;
  return { text: `${when}\n\n${table}`, ok: true };
}

async function usedWhile(
  field: Field,
  running: RunningGateway,
  held: Held | undefined,
  seconds: number,
): Promise<Used> {
  if (!held) return await usedBy(running, seconds);
  const { mode, shopCase, connections } = held;
  const started = performance.now();
  return await whileHeld(field.loadProgram, { ...field.jobFor(running, shopCase), mode, connections }, () => {
    console.error(`all open after ${((performance.now() - started) / 1000).toFixed(1)} s, measured for ${seconds} s`);
    return usedBy(running, seconds);
  });
}

async function usedBy({ process }: RunningGateway, seconds: number): Promise<Used> {
  await delay(SETTLE_MS);
  const before = { cpu: cpuMicros(process.pid), at: performance.now() };
  await delay(seconds * 1000);
  const elapsedMicros = (performance.now() - before.at) * 1000;
  return { cpu: (cpuMicros(process.pid) - before.cpu) / elapsedMicros, memory: residentMebibytes(process.pid) };
}

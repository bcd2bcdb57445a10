import { setTimeout as delay } from 'node:timers/promises';
import type { BenchReport } from './bench.js';
import type { Field, RunningGateway } from './field.js';
import { loadNow, machine } from './figures/machine.js';
import { markdownTable } from './figures/table.js';
import { OURS } from './gateways/ours.js';
import type { LoadJob } from './load/load-job.js';
import { whileHeld } from './load/start-load.js';
import { cpuMicros, residentMebibytes } from './processes/process-figures.js';
import { CASES, type ShopCase, WATCH } from './shop/shop.js';

/** What is held open while nothing is asked. */
const HELD: readonly { what: string; mode: LoadJob['mode']; shopCase: ShopCase; connections: number }[] = [
  { what: '10,000 idle connections', mode: 'hold', shopCase: CASES.get, connections: 10_000 },
  { what: '1,000 open event streams', mode: 'hold-streams', shopCase: WATCH, connections: 1_000 },
];
/** Until what opening them took has been done: garbage collected, answers written. */
const SETTLE_MS = 5_000;

/** Measures what it costs our gateway to keep connections and streams open: each configuration, a new process for each line. */
export async function idle(field: Field, seconds: number): Promise<BenchReport> {
  const lines: string[][] = [];
  for (const gateway of OURS) {
    for (const held of [undefined, ...HELD]) {
      const what = held?.what ?? 'nothing open';
      console.error(`${gateway.name}: ${what}, for ${seconds} s`);
      const running = await field.start(gateway);
      const { cpu, memory } = held
        ? await whileHeld(field.loadProgram, jobOf(field, running, held), () => usedBy(running, seconds))
        : await usedBy(running, seconds);
      lines.push([gateway.name, what, `${(cpu * 100).toFixed(2)} %`, memory.toFixed(0)]);
      await running.process.stop();
    }
  }
  const table = markdownTable(['gateway', 'open', 'CPU of a core', 'resident MiB'], lines);
  const when = `${new Date().toISOString().slice(0, 10)}, ${machine()}; ${field.description}. Measured for ${seconds} s; ${loadNow()} processes wanted to run.`;
  return { text: `${when}\n\n${table}`, ok: true };
}

function jobOf(field: Field, running: RunningGateway, { mode, shopCase, connections }: (typeof HELD)[number]): LoadJob {
  return { ...field.jobFor(running, shopCase), mode, connections };
}

async function usedBy({ process }: RunningGateway, seconds: number): Promise<{ cpu: number; memory: number }> {
  await delay(SETTLE_MS);
  const before = { cpu: cpuMicros(process.pid), at: performance.now() };
  await delay(seconds * 1000);
  const elapsedMicros = (performance.now() - before.at) * 1000;
  return { cpu: (cpuMicros(process.pid) - before.cpu) / elapsedMicros, memory: residentMebibytes(process.pid) };
}

import type { Field, RunningGateway } from './field.js';
import type { Measured } from './figures/measured.js';
import type { LoadJob, LoadResult } from './load/load-job.js';
import { type LoadProgram, runLoad } from './load/start-load.js';
import { cpuMicros } from './processes/process-figures.js';
import { CASES, type Kind } from './shop/shop.js';

export interface Rounds {
  readonly kinds: readonly Kind[];
  readonly rounds: number;
  /** Seconds of load before what is measured, in the first round. */
  readonly warmUpSeconds: number;
  /** Seconds that each loop is measured. */
  readonly seconds: number;
  readonly connections: number;
  /** Requests a second in the open loop. */
  readonly rate: number;
}

/** Warm-up of what has been warm before. */
const AGAIN_SECONDS = 0.5;

/** Why gateways are left out of the rest and of the figures, by their names. */
export type Failures = Map<string, string>;

/**
 * Drives all gateways with each kind of request in turn, round after round, so that what else the machine does falls on all. A
 * gateway that answers wrongly is left out from then on, and named in `failures`.
 */
export async function runRounds(field: Field, gateways: readonly RunningGateway[], wanted: Rounds, failures: Failures) {
  const measured: Measured[] = [];
  for (let round = 0; round < wanted.rounds; round++) {
    for (const kind of wanted.kinds) {
      for (const running of gateways.filter(({ gateway }) => !failures.has(gateway.name))) {
        await orFail(running, failures, async () => {
          const result = await measure(field, running, { kind, round, wanted });
          measured.push(result);
          console.error(`round ${round + 1} of ${wanted.rounds}  ${inWords(result)}`);
        });
      }
    }
  }
  return measured;
}

/** Notes why a gateway fails, and goes on. */
export async function orFail(
  { gateway }: RunningGateway,
  failures: Failures,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`${gateway.name} fails: ${reason}`);
    failures.set(gateway.name, reason);
  }
}

function inWords({ kind, gateway, cpuMicros, perSecond, p99 }: Measured): string {
  const figures = [`${cpuMicros.toFixed(1)} µs`, `${perSecond.toFixed(0)}/s`, `p99 ${p99.toFixed(2)} ms`];
  return `${kind.padEnd(6)} ${gateway.padEnd(26)} ${figures.map((figure) => figure.padStart(12)).join('  ')}`;
}

async function measure(
  field: Field,
  running: RunningGateway,
  { kind, round, wanted }: { kind: Kind; round: number; wanted: Rounds },
): Promise<Measured> {
  const { seconds, connections, rate } = wanted;
  const again = Math.min(AGAIN_SECONDS, wanted.warmUpSeconds);
  const warmUpSeconds = round === 0 ? wanted.warmUpSeconds : again;
  const job = { ...field.jobFor(running, CASES[kind]), connections, seconds, rate };
  const { pid } = running.process;
  const closed = await withCpu(field.loadProgram, { ...job, mode: 'closed', warmUpSeconds }, pid);
  const open = await withCpu(field.loadProgram, { ...job, mode: 'open', warmUpSeconds: again }, pid);
  return {
    round,
    gateway: running.gateway.name,
    kind,
    requests: closed.requests + open.requests,
    cpuMicros: closed.cpu / closed.requests,
    perSecond: closed.requests / closed.seconds,
    cores: closed.cpu / 1e6 / closed.seconds,
    p50: open.p50 / 1000,
    p99: open.p99 / 1000,
  };
}

/** Runs a load, and reads the CPU time of a process when its window opens and when it closes. */
async function withCpu(program: LoadProgram, job: LoadJob, pid: number): Promise<LoadResult & { cpu: number }> {
  let before = 0;
  let after = 0;
  const result = await runLoad(program, job, {
    begin: () => {
      before = cpuMicros(pid);
    },
    close: () => {
      after = cpuMicros(pid);
    },
  });
  if (result.requests === 0)
    throw new Error(`no answer to ${atob(job.request).split('\r\n')[0]} within ${job.seconds} s`);
  return { ...result, cpu: after - before };
}

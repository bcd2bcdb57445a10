import type { Field, RunningGateway } from './field.js';
import type { Measured } from './figures/measured.js';
import type { LoadJob, LoadResult } from './load/load-job.js';
import { type LoadProgram, runLoad } from './load/start-load.js';
import { cpuMicros } from './processes/process-figures.js';
import { CASES, KINDS, type Kind } from './shop/shop.js';

export interface Rounds {
  readonly rounds: number;
  /** Seconds of load before what is measured, in the first round; later ones take at most one. */
  readonly warmUpSeconds: number;
  /** Seconds that each loop is measured. */
  readonly seconds: number;
  readonly connections: number;
  /** Requests a second in the open loop. */
  readonly rate: number;
}

/**
 * Drives all gateways with each kind of request in turn, round after round, so that what else the machine does falls on all. A
 * gateway that answers wrongly is left out of the rest, and named in `failed`.
 */
export async function runRounds(field: Field, gateways: readonly RunningGateway[], wanted: Rounds) {
  const measured: Measured[] = [];
  const failed = new Map<RunningGateway, string>();
  for (let round = 0; round < wanted.rounds; round++) {
    for (const kind of KINDS) {
      for (const running of gateways.filter((it) => !failed.has(it))) {
        try {
          const result = await measure(field, running, { kind, round, wanted });
          measured.push(result);
          console.error(
            `round ${round + 1} of ${wanted.rounds}  ${kind.padEnd(6)} ${running.gateway.name.padEnd(26)} ` +
              `${result.cpuMicros.toFixed(1).padStart(7)} µs  ${result.perSecond.toFixed(0).padStart(6)}/s  p99 ${result.p99.toFixed(2)} ms`,
          );
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          console.error(`${running.gateway.name} fails at ${kind}: ${reason}`);
          failed.set(running, `${kind}: ${reason}`);
        }
      }
    }
  }
  return { measured, failed };
}

async function measure(
  field: Field,
  running: RunningGateway,
  { kind, round, wanted }: { kind: Kind; round: number; wanted: Rounds },
): Promise<Measured> {
  const { seconds, connections, rate } = wanted;
  const warmUpSeconds = round === 0 ? wanted.warmUpSeconds : Math.min(1, wanted.warmUpSeconds);
  const job = { ...field.jobFor(running, CASES[kind]), connections, seconds, rate };
  const { pid } = running.process;
  const closed = await withCpu(field.loadProgram, { ...job, mode: 'closed', warmUpSeconds }, pid);
  const open = await withCpu(
    field.loadProgram,
    { ...job, mode: 'open', warmUpSeconds: Math.min(0.5, warmUpSeconds) },
    pid,
  );
  return {
    round,
    gateway: running.gateway.name,
    kind,
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
  if (result.requests === 0) throw new Error(`no answer within ${job.seconds} s`);
  return { ...result, cpu: after - before };
}

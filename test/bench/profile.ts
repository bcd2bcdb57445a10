import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inspector } from '../inspector/inspector.js';
import type { Field, RunningGateway } from './field.js';
import type { Gateway } from './gateways/gateway.js';
import { withNodeArguments } from './gateways/ours.js';
import { runLoad } from './load/start-load.js';
import type { Rounds } from './rounds.js';
import { CASES, type Kind } from './shop/shop.js';

/** Microseconds between two samples. */
const INTERVAL = 200;

export interface Profiles {
  /** Made where there is none. */
  readonly folder: string;
  readonly wanted: Rounds;
}

/** Writes a profile of each of our gateways for each kind of request: of its closed loop, after the warm-up. */
export async function profile(
  field: Field,
  gateways: readonly Gateway[],
  { folder, wanted }: Profiles,
): Promise<number> {
  mkdirSync(folder, { recursive: true });
  for (const gateway of gateways.filter(({ family }) => family === 'ours')) {
    const running = await field.start(gateway, (program) => withNodeArguments(program, '--inspect=127.0.0.1:0'));
    const inspector = await Inspector.connect(running.process.log());
    await inspector.send('Profiler.enable');
    await inspector.send('Profiler.setSamplingInterval', { interval: INTERVAL });
    for (const kind of wanted.kinds) {
      const file = join(folder, `${gateway.id}-${kind}.cpuprofile`);
      writeFileSync(file, JSON.stringify(await profiled(field, { running, inspector }, kind, wanted)));
      console.log(file);
    }
    inspector.close();
    await running.process.stop();
  }
  return 0;
}

interface Profiled {
  readonly running: RunningGateway;
  readonly inspector: Inspector;
}

async function profiled(field: Field, { running, inspector }: Profiled, kind: Kind, wanted: Rounds): Promise<unknown> {
  const { connections, seconds, warmUpSeconds } = wanted;
  const job = { ...field.jobFor(running, CASES[kind]), connections, seconds, warmUpSeconds, mode: 'closed' } as const;
  let stopped: Promise<Record<string, unknown>> | undefined;
  await runLoad(field.loadProgram, job, {
    begin: () => void inspector.send('Profiler.start'),
    close: () => {
      stopped = inspector.send('Profiler.stop');
    },
  });
  return (await stopped)?.profile;
}

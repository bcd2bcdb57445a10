import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readStack } from '#libs/embedded';
import { memoryVerdict, progressLine, summary } from './figures.js';
import { fuzz } from './fuzz.js';
import { growth, MemoryWatch, sampleOf } from './memory.js';
import { TokenSource } from './token-source.js';

const HELP = `npm run fuzz -- [OPTIONS]: writes random, broken and odd requests to the gateway of a running store, over raw sockets.

  --requests N      cases (default 20000); each has a connection of its own and one to five requests
  --seed N          repeats an earlier run (default: a random one, which is printed)
  --from N          first case (default 0): --from 1234 --requests 1 repeats a single one
  --concurrency N   connections at once (default 32, at most 500)
  --stack FILE      stack.json of the store (default .run/stack.json)

Only a store on this machine is written to; its data suffer, so take one of its own:
STORE_DIR=/tmp/fuzz STORE_PORT_OFFSET=any npm start

Ends with 1 when an answer was a 5xx or no problem document, when the gateway hung, refused connections or was started again,
or when its memory grew.`;

const options = {
  help: { type: 'boolean' },
  requests: { type: 'string', default: '20000' },
  seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  from: { type: 'string', default: '0' },
  concurrency: { type: 'string', default: '32' },
  stack: { type: 'string', default: '.run/stack.json' },
} as const;

try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else process.exitCode = await run(values);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

interface Wanted {
  requests: string;
  seed: string;
  from: string;
  concurrency: string;
  stack: string;
}

async function run(wanted: Wanted): Promise<number> {
  const [requests, seed, first] = [count(wanted.requests), count(wanted.seed), count(wanted.from)];
  const concurrency = Math.min(500, Math.max(1, count(wanted.concurrency)));
  const gateway = runningGateway(wanted.stack);
  console.log(`Fuzzing ${gateway.url}: ${requests} cases, seed ${seed}, ${concurrency} connections at once`);
  const tokens = new TokenSource(gateway.url);
  const memory = new MemoryWatch(() => sampleOf(gateway.pid, gateway.metrics));
  const started = performance.now();
  const figures = await fuzz({
    ...{ url: gateway.url, seed, first, requests, concurrency },
    token: (index) => tokens.at(index),
    progress: (now) => {
      if (now.cases % 10_000 === 0) console.log(progressLine(now, memory.mark()));
    },
  }).finally(() => memory.stop());
  console.log(summary(figures, (performance.now() - started) / 1000));
  const verdict = memoryVerdict(growth(memory.lows));
  console.log(verdict.text);
  const same = runningGateway(wanted.stack).pid === gateway.pid && (await fetch(`${gateway.url}/healthz`)).ok;
  if (!same) console.log('FAULT: the gateway died');
  const good = figures.faults.length === 0 && same && verdict.flat;
  console.log(good ? 'No fault.' : 'Faults were found.');
  return good ? 0 : 1;
}

function runningGateway(stackFile: string): { url: string; pid: number; metrics: string } {
  const stack = readStack(stackFile);
  const app = stack?.apps.gateway;
  if (!stack || !app?.pid) throw new Error(`there is no running store in ${stackFile}: npm start. See --help.`);
  return { url: stack.gateway.url, pid: app.pid, metrics: `${app.ops}/metrics` };
}

function count(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${text} is no number; see --help`);
  return Number(text);
}

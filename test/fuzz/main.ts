import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readStack } from '#libs/embedded';
import { bodyCaseOf } from './bodies/body-cases.js';
import { type BodyFigures, fuzzBodies } from './bodies/fuzz-bodies.js';
import { caseOf } from './cases.js';
import { bodyLine, bodySummary, memoryVerdict, progressLine, summary } from './figures.js';
import { fuzz } from './fuzz.js';
import { growth, type MemorySample, MemoryWatch } from './memory.js';
import { TokenSource } from './token-source.js';

const HELP = `npm run fuzz -- [OPTIONS]: writes random, broken and odd requests to the gateway of a running store, over raw sockets.

  --requests N      cases (default 20000); each has a connection of its own and one to five requests
  --bodies N        instead: N random and mutated JSON bodies through the codec, in this process; no store is needed
  --over-http N     with --bodies: so many requests with such bodies are sent to the store too (default 0)
  --seed N          repeats an earlier run (default: a random one, which is printed)
  --from N          first case (default 0): --from 1234 --requests 1 repeats a single one
  --concurrency N   connections at once (default 32, at most 500)
  --stack FILE      stack.json of the store (default .run/stack.json)

Only a store on this machine is written to; its data suffer, so take one of its own:
STORE_DIR=/tmp/fuzz STORE_PORT_OFFSET=any npm start

Ends with 1 when an answer was a 5xx or no problem document, when the gateway hung, refused connections or was started again,
or when its memory grew. Of bodies: when compiled code and reflection differ, when anything but a refusal is thrown, when one takes
more than 2 s, or memory grows.`;

const options = {
  help: { type: 'boolean' },
  requests: { type: 'string', default: '20000' },
  bodies: { type: 'string' },
  'over-http': { type: 'string', default: '0' },
  seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  from: { type: 'string', default: '0' },
  concurrency: { type: 'string', default: '32' },
  stack: { type: 'string', default: '.run/stack.json' },
} as const;

try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else process.exitCode = (await all(values)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

interface Wanted {
  requests: string;
  bodies?: string;
  'over-http': string;
  seed: string;
  from: string;
  concurrency: string;
  stack: string;
}

async function all(wanted: Wanted): Promise<boolean> {
  if (wanted.bodies === undefined) return overHttp(wanted, count(wanted.requests), caseOf);
  const isGood = await inProcess(wanted, count(wanted.bodies));
  const share = count(wanted['over-http']);
  return share === 0 ? isGood : (await overHttp(wanted, share, bodyCaseOf)) && isGood;
}

async function inProcess(wanted: Wanted, bodies: number): Promise<boolean> {
  const [seed, first] = [count(wanted.seed), count(wanted.from)];
  console.log(`${bodies} JSON bodies through the codec, compiled and reflected, seed ${seed}`);
  const started = performance.now();
  const progress = (now: BodyFigures, memory: MemorySample | undefined) => {
    if (now.documents % 100_000 === 0) console.log(bodyLine(now, memory));
  };
  const figures = await fuzzBodies({ seed, first, bodies, progress });
  console.log(bodySummary(figures, (performance.now() - started) / 1000));
  return told(figures.faults.length === 0 && figures.documents === bodies, figures.lows);
}

async function overHttp(wanted: Wanted, requests: number, make: typeof caseOf): Promise<boolean> {
  const [seed, first] = [count(wanted.seed), count(wanted.from)];
  const concurrency = Math.min(500, Math.max(1, count(wanted.concurrency)));
  const gateway = runningGateway(wanted.stack);
  console.log(`Fuzzing ${gateway.url}: ${requests} cases, seed ${seed}, ${concurrency} connections at once`);
  const tokens = new TokenSource(gateway.url);
  const memory = await MemoryWatch.of(gateway.pid);
  const started = performance.now();
  let sampled = Promise.resolve();
  const figures = await fuzz({
    ...{ url: gateway.url, seed, first, requests, concurrency, make },
    token: (index) => tokens.at(index),
    progress: (now) => {
      if (now.cases % 10_000 !== 0) return;
      const line = { ...now };
      sampled = sampled.then(() => memory.take()).then((low) => console.log(progressLine(line, low)));
    },
  });
  await sampled.finally(() => memory.stop());
  console.log(summary(figures, (performance.now() - started) / 1000));
  const same = runningGateway(wanted.stack).pid === gateway.pid && (await fetch(`${gateway.url}/healthz`)).ok;
  if (!same) console.log('FAULT: the gateway died');
  return told(figures.faults.length === 0 && same, memory.lows);
}

function told(isGood: boolean, lows: readonly MemorySample[]): boolean {
  const verdict = memoryVerdict(growth(lows));
  console.log(`${verdict.text}\n${isGood && verdict.flat ? 'No fault.' : 'Faults were found.'}`);
  return isGood && verdict.flat;
}

function runningGateway(stackFile: string): { url: string; pid: number } {
  const stack = readStack(stackFile);
  const app = stack?.apps.gateway;
  if (!stack || !app?.pid) throw new Error(`there is no running store in ${stackFile}: npm start. See --help.`);
  return { url: stack.gateway.url, pid: app.pid };
}

function count(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`${text} is no number; see --help`);
  return Number(text);
}

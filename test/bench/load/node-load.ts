// The load for machines without Go: see load-job.ts. It costs more than the one in Go, and is less exact about instants.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { percentile } from '../figures/statistics.js';
import { Expectation } from './expectation.js';
import type { LoadEvent, LoadJob } from './load-job.js';
import { NodeConnection } from './node-connection.js';

const DIALED_AT_ONCE = 64;

const tell = (event: LoadEvent) => process.stdout.write(`${JSON.stringify(event)}\n`);
const input = createInterface({ input: process.stdin });

try {
  const [line] = await once(input, 'line');
  const job: LoadJob = JSON.parse(line);
  if (job.mode === 'closed' || job.mode === 'open') await run(job);
  else await hold(job);
  process.exit(0);
} catch (error) {
  tell({ event: 'wrong', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  process.stdout.write('', () => process.exit());
}

async function run(job: LoadJob): Promise<void> {
  const { address, connections, warmUpSeconds = 0, seconds = 1 } = job;
  const opened = await Promise.all(Array.from({ length: connections }, () => NodeConnection.open(address)));
  const opens = performance.now() + warmUpSeconds * 1000;
  const window = { opens, closes: opens + seconds * 1000 };
  const due = job.mode === 'open' ? instants(job.rate ?? 1) : () => performance.now();
  const latencies: number[] = [];
  const expected = new Expectation(job);
  const request = Buffer.from(job.request, 'base64');
  const send = async (connection: NodeConnection) => {
    for (let instant = due(); instant < window.closes; instant = due()) {
      await until(instant);
      const { status, body } = await connection.exchange(request);
      expected.check(status, body);
      const answered = performance.now();
      if (answered >= window.opens && answered < window.closes) latencies.push((answered - instant) * 1000);
    }
  };
  const limits = [
    until(window.opens).then(() => tell({ event: 'begin' })),
    until(window.closes).then(() => tell({ event: 'close' })),
  ];
  await Promise.all([...opened.map(send), ...limits]);
  latencies.sort((a, b) => a - b);
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  tell({ event: 'end', requests: latencies.length, seconds, p50, p99 });
}

/** Gives one request after the other the instant it is due. */
function instants(rate: number): () => number {
  const started = performance.now();
  let next = 0;
  return () => {
    next += 1;
    return started + (next * 1000) / rate;
  };
}

/** A timer comes up to a millisecond late: the last two are spent turn by turn. */
async function until(instant: number): Promise<void> {
  for (let left = instant - performance.now(); left > 0; left = instant - performance.now()) {
    await new Promise<void>((resolve) => (left > 2 ? setTimeout(resolve, left - 2) : setImmediate(resolve)));
  }
}

async function hold(job: LoadJob): Promise<void> {
  const expected = new Expectation(job);
  const request = Buffer.from(job.request, 'base64');
  const held: NodeConnection[] = [];
  const open = async () => {
    const connection = await NodeConnection.open(job.address);
    if (job.mode === 'hold') {
      const { status, body } = await connection.exchange(request);
      expected.check(status, body);
    } else {
      const status = await connection.stream(request);
      if (status !== job.status) throw new Error(`answered ${status} instead of ${job.status}`);
    }
    held.push(connection);
  };
  while (held.length < job.connections) {
    await Promise.all(Array.from({ length: Math.min(DIALED_AT_ONCE, job.connections - held.length) }, open));
  }
  tell({ event: 'held' });
  await Promise.race([once(input, 'close'), ...held.map(({ ended }) => ended)]);
}

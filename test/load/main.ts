import { parseArgs } from 'node:util';
import { ShopClient } from '../e2e/shop-client.js';
import { prepareWorld } from './closed-loop.js';
import { answersOf, type Figures } from './figures.js';
import { CONFIRMED, type Outcome } from './outcome.js';
import { findStore } from './place-of-load.js';
import { placeOrders } from './place-orders.js';
import { wholeNumber } from './whole-number.js';

const HELP = `node test/load/load.mjs [OPTIONS]: places orders in a running store (demo mode), and tells how many end per second.

  --url URL        the store (default: LOAD_URL, else http://127.0.0.1:8080); several with commas: the first that answers
  --seconds N      how long it measures (default 30, at most 300)
  --warm-up N      seconds of load before that (default 15, at most 300)
  --buyers N       how many orders are open at once (default 16, at most 100): each buyer submits one with Prefer: wait=30,
                   so that it is answered when it has ended, and then the next
  --products N     over how many products they are spread (default 32, at most 100); 1 is a hot one
  --anywhere       allows another host than this machine and the names of the compose network

In a composed store, without Node on this machine:
docker compose -f docker-compose.yml -f deploy/compose/load.yml run --rm load --seconds 30

Buyers, products and orders are new ones, and stay in the store. An order ends CONFIRMED, or it failed.
Ends with 0 when none failed, with 1 when one did, with 2 when there could be no load.`;

const options = {
  help: { type: 'boolean' },
  url: { type: 'string', default: process.env.LOAD_URL ?? 'http://127.0.0.1:8080' },
  seconds: { type: 'string', default: '30' },
  'warm-up': { type: 'string', default: '15' },
  buyers: { type: 'string', default: '16' },
  products: { type: 'string', default: '32' },
  anywhere: { type: 'boolean', default: false },
} as const;

try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else process.exitCode = await load(values);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

interface Wanted {
  url: string;
  seconds: string;
  'warm-up': string;
  buyers: string;
  products: string;
  anywhere: boolean;
}

async function load(wanted: Wanted): Promise<number> {
  const seconds = wholeNumber('--seconds', wanted.seconds, { least: 1, most: 300 });
  const warmUpSeconds = wholeNumber('--warm-up', wanted['warm-up'], { least: 0, most: 300 });
  const buyers = wholeNumber('--buyers', wanted.buyers, { least: 1, most: 100 });
  const products = wholeNumber('--products', wanted.products, { least: 1, most: 100 });
  const url = await findStore(wanted.url.split(','), wanted.anywhere);
  process.stderr.write(`${url}: ${buyers} buyers sign up, ${products} products are delivered\n`);
  const world = await prepareWorld(new ShopClient(url), buyers, products);
  const { figures, outcomes } = await placeOrders(world, { warmUpSeconds, seconds }, async () => undefined);
  return tell(figures, outcomes);
}

function tell({ seconds, orders, ordersPerSecond, p50, p99 }: Figures, outcomes: readonly Outcome[]): number {
  console.log(`orders ended per second   ${ordersPerSecond.toFixed(1)} (${orders} in ${seconds.toFixed(1)} s)`);
  console.log(`seconds from submit to end   p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)}`);
  console.log('answers, with those of the warm-up:');
  for (const [answer, count] of answersOf(outcomes)) console.log(`  ${String(count).padStart(6)}  ${answer}`);
  if (outcomes.length > 0 && outcomes.every(({ answer }) => answer === CONFIRMED)) return 0;
  console.error('FAILED: not every order ended CONFIRMED');
  return 1;
}

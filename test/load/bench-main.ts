import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { type ComposedStore, say } from '../compose/composed-store.js';
import { tableHead, tableRow } from './capacity-table.js';
import { type Bench, measureRow, storeOf } from './measure-row.js';
import { type ReplicaRow, readRow } from './replica-row.js';
import { wholeNumber } from './whole-number.js';

const ROWS = ['1/1/1/1/1@0.15', '1/1/1/2/1@0.15', '1/1/1/3/1@0.15', '1/1/1/2/2@0.15', '2/2/2/2/2@0.15', '1/1/1/1/1'];

const HELP = `npm run bench:orders [-- OPTIONS]: the capacity sheet of docs/runbook.md, measured on this machine: replicas → orders per second.

  --row R          one line of the table, may be given several times: replicas of gateway/users/inventory/orders/payments
                   @ cores that each may use, e.g. 1/1/1/2/1@0.2; without @ it has no limit
                   (default: ${ROWS.join(' ')})
  --seconds N      how long each is measured (default 40, at most 300)
  --warm-up N      seconds of load before that (default 60, at most 300): a fraction of a core takes long to compile what is hot
  --buyers N       orders open at once (default 32, at most 100)
  --products N     over how many products they are spread (default 32, at most 100); 1 is a hot one

For each row the composed store comes up (docker-compose.yml with deploy/compose/replicas.yml) under a project name and on ports of its own,
its apps are held to their share of the CPU (docker update; PostgreSQL, Kafka and all else are not), and it goes again with
its volumes, also after Ctrl-C. Three to five minutes a row on two cores. Needs Docker on this machine. What else runs on it falsifies
the figures: the last column tells how many cores were busy.`;

const options = {
  help: { type: 'boolean' },
  row: { type: 'string', multiple: true, default: ROWS },
  seconds: { type: 'string', default: '40' },
  'warm-up': { type: 'string', default: '60' },
  buyers: { type: 'string', default: '32' },
  products: { type: 'string', default: '32' },
} as const;

/** The store that is up, or on its way up or down. */
let current: ComposedStore | undefined;
let interrupted = false;

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => {
    interrupted = true;
    say(`${signal}: the store is taken down`);
    Promise.resolve(current?.clear()).finally(() => process.exit(code));
  });
}
try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else await bench(values.row.map(readRow), benchOf(values));
} catch (error) {
  // What Ctrl-C tore apart fails as well, and says nothing.
  if (!interrupted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function benchOf(values: { seconds: string; 'warm-up': string; buyers: string; products: string }): Bench {
  return {
    seconds: wholeNumber('--seconds', values.seconds, { least: 1, most: 300 }),
    warmUpSeconds: wholeNumber('--warm-up', values['warm-up'], { least: 0, most: 300 }),
    buyers: wholeNumber('--buyers', values.buyers, { least: 1, most: 100 }),
    products: wholeNumber('--products', values.products, { least: 1, most: 100 }),
  };
}

async function bench(rows: readonly ReplicaRow[], wanted: Bench): Promise<void> {
  const [processor] = cpus();
  const load = loadavg().map((average) => average.toFixed(1));
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  console.log(
    `${new Date().toISOString()}, ${cpus().length} × ${processor?.model}, ${memory}, load before ${load.join(' ')}`,
  );
  console.log(
    `${wanted.buyers} orders open, ${wanted.products} products, ${wanted.warmUpSeconds} s + ${wanted.seconds} s\n`,
  );
  console.log(tableHead());
  for (const row of rows) {
    current = await storeOf(row);
    try {
      console.log(tableRow(await measureRow(current, row, wanted)));
    } finally {
      await current.clear();
      current = undefined;
    }
  }
}

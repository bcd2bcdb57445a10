import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { restoreDrill } from './restore-drill.js';

const HELP = `npm run drill:restore [-- OPTIONS]: loses the databases of a store under load and brings it back, as docs/runbook.md has it.

A store of its own (PostgreSQL, Kafka and apps, in a temporary folder) takes orders, refunds, deliveries and changes of products.
Meanwhile orders, payments, inventory, users and gateway are backed up at different moments. It goes on, then everything is killed,
each database is put back to its own moment, and the documented steps follow. At the end all invariants must hold, and every order
that a client was promised must be there, at its end.

  --orders N     orders between two backups (default 40)
  --keep         leaves the folder with data and logs, and says where it is

Takes about three minutes. Uses pg_dump where one is in PATH that is as new as the embedded PostgreSQL (18), else copies of the tables.
Ends with 0 when all of it holds, else with 1.`;

const options = {
  help: { type: 'boolean' },
  orders: { type: 'string', default: '40' },
  keep: { type: 'boolean' },
} as const;

try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else process.exitCode = await drill(Number(values.orders), values.keep ?? false);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function drill(orders: number, keep: boolean): Promise<number> {
  if (!Number.isInteger(orders) || orders < 5) throw new Error('--orders is a whole number of at least 5');
  const folder = mkdtempSync(join(tmpdir(), 'restore-drill-'));
  if (keep) process.env.TEST_KEEP_STORES = 'yes';
  try {
    const problems = await restoreDrill({ folder, orders });
    for (const problem of problems) console.log(`WRONG: ${problem}`);
    console.log(
      problems.length === 0 ? 'All invariants hold, and no promised order is lost.' : `${problems.length} problems.`,
    );
    return problems.length === 0 ? 0 : 1;
  } finally {
    if (keep) console.log(`Data and logs: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

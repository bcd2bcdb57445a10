// npm run restore -- --help
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runCommand } from './command-line.mjs';

const HELP = `Puts the schema of a service back as it was when it was backed up. The service must be stopped. The one that is there is
replaced only when the other has been restored whole.

  DATABASE_URL=postgres://admin:…@host/store npm run restore -- --from FOLDER --service orders
  npm run restore -- --from FOLDER --service orders,payments --compose

  --project NAME   with --compose: the project's name (docker compose -p)

The database and the roles must exist: the job migrate makes them. Afterwards the service is in the past, and the others are not: go on
with "Back up and restore" in docs/runbook.md. What each service needs to be told (--since) is printed.`;

const command = { name: 'restore', help: HELP, folder: 'from', asksForServices: true };
await runCommand(command, async ({ folder, services, tools }) => {
  const backups = await Promise.all(services.map((name) => verified(folder, name)));
  for (const name of services) await assertStopped(tools, name);
  for (const backup of backups) {
    await restore(tools, backup);
    console.log(`${backup.service} is as it was at ${backup.moment}; next: recover.js --since ${backup.moment}`);
  }
});

/** The manifest, after a look at whether the dump is whole. */
async function verified(folder, name) {
  const manifest = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  const file = join(folder, `${name}.dump`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('hex') !== manifest.sha256) throw new Error(`${file} is not what was written: its hash differs`);
  return { ...manifest, file };
}

async function assertStopped(tools, name) {
  const there = `usename = '${name}' AND datname = current_database()`;
  const connections = await tools.ask(`SELECT count(*) FROM pg_stat_activity WHERE ${there}`);
  if (connections !== '0') throw new Error(`${name} has ${connections} connections to the database: stop it first`);
}

/** The schema that is there steps aside until the other is whole. */
async function restore(tools, { service: name, file }) {
  const aside = `${name}_being_replaced`;
  const isThere = await exists(tools, name);
  const isLeft = await exists(tools, aside);
  if (isThere && isLeft) {
    throw new Error(
      `an interrupted restore left the schema ${aside} beside ${name}: see which of them is whole, and drop or rename the other`,
    );
  }
  if (isThere) await tools.ask(`ALTER SCHEMA ${name} RENAME TO ${aside}`);
  try {
    const options = ['--single-transaction', '--exit-on-error'];
    await tools.run('pg_restore', options, { from: createReadStream(file) });
  } catch (error) {
    if (isThere || isLeft) await tools.ask(`ALTER SCHEMA ${aside} RENAME TO ${name}`);
    throw new Error(`${name} stays as it was: ${error.message}`);
  }
  if (isThere || isLeft) await tools.ask(`DROP SCHEMA ${aside} CASCADE`);
}

async function exists(tools, schema) {
  return (await tools.ask(`SELECT count(*) FROM pg_namespace WHERE nspname = '${schema}'`)) === '1';
}

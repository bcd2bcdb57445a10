// npm run restore -- --help
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { PostgresTools, servicesOf } from './postgres-tools.mjs';

const HELP = `Puts the schema of a service back as it was when it was backed up. The service must be stopped. The one that is there is
replaced only when the other has been restored whole.

  DATABASE_URL=postgres://admin:…@host/store npm run restore -- --from FOLDER --service orders
  npm run restore -- --from FOLDER --service orders,payments --compose

  --project NAME   with --compose: the project's name (docker compose -p)

The database and the roles must exist: the job migrate makes them. Afterwards the service is in the past, and the others are not: go on
with "Back up and restore" in docs/runbook.md. What each service needs to be told (--since) is printed.`;

try {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      from: { type: 'string' },
      service: { type: 'string' },
      compose: { type: 'boolean' },
      project: { type: 'string' },
    },
  });
  if (values.help) console.log(HELP);
  else await restoreAll(values);
} catch (error) {
  console.error(`restore: ${error.message}`);
  process.exitCode = 1;
}

async function restoreAll({ from, service, compose, project }) {
  if (!from || !service) throw new Error('--from FOLDER and --service NAMES are needed; see --help');
  const tools = new PostgresTools(compose && (project ? ['-p', project] : []));
  const backups = await Promise.all(servicesOf(service).map((name) => verified(from, name)));
  for (const { service: name } of backups) await assertStopped(tools, name);
  for (const backup of backups) {
    await restore(tools, backup);
    console.log(`${backup.service} is as it was at ${backup.moment}; next: recover.js --since ${backup.moment}`);
  }
}

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
  const connections = await tools.ask(`SELECT count(*) FROM pg_stat_activity WHERE usename = '${name}'`);
  if (connections !== '0') throw new Error(`${name} has ${connections} connections to the database: stop it first`);
}

async function restore(tools, { service: name, file }) {
  const replaced = `${name}_being_replaced`;
  const isThere = (await tools.ask(`SELECT count(*) FROM pg_namespace WHERE nspname = '${name}'`)) === '1';
  if (isThere) await tools.ask(`ALTER SCHEMA ${name} RENAME TO ${replaced}`);
  try {
    const options = ['--single-transaction', '--exit-on-error'];
    await tools.run('pg_restore', options, { from: createReadStream(file) });
  } catch (error) {
    if (isThere) await tools.ask(`ALTER SCHEMA ${replaced} RENAME TO ${name}`);
    throw new Error(`${name} stays as it was: ${error.message}`);
  }
  if (isThere) await tools.ask(`DROP SCHEMA ${replaced} CASCADE`);
}

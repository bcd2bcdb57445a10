// npm run backup -- --help
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { PostgresTools, servicesOf } from './postgres-tools.mjs';

const HELP = `Backs up the database of each service: one pg_dump (custom format) of its schema, consistent in itself, while it runs.

  DATABASE_URL=postgres://admin:…@host/store npm run backup -- --to FOLDER
  npm run backup -- --to FOLDER --compose                 the store of docker compose up; its own pg_dump
  npm run backup -- --to FOLDER --service orders,payments only these; default gateway, users, inventory, orders, payments

  --project NAME   with --compose: the project's name (docker compose -p)

FOLDER gets SERVICE.dump and SERVICE.json, which says of which moment it is: what npm run restore and recovery need. A service with a
database of its own is backed up by its own DATABASE_URL. pg_dump must be as new as the server. The dumps hold personal data and
password hashes: keep them as you keep the databases. Kafka is not backed up; docs/runbook.md says why and what follows.`;

try {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      to: { type: 'string' },
      service: { type: 'string' },
      compose: { type: 'boolean' },
      project: { type: 'string' },
    },
  });
  if (values.help) console.log(HELP);
  else await backup(values);
} catch (error) {
  console.error(`backup: ${error.message}`);
  process.exitCode = 1;
}

async function backup({ to, service, compose, project }) {
  if (!to) throw new Error('--to FOLDER is missing; see --help');
  const services = servicesOf(service);
  const tools = new PostgresTools(compose && (project ? ['-p', project] : []));
  await tools.assertNewEnough();
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const name of services) {
    // Before the snapshot: what recovery reads begins rather too early.
    const moment = new Date(await tools.ask("SELECT to_json(clock_timestamp() AT TIME ZONE 'UTC') #>> '{}' || 'Z'"));
    const file = join(to, `${name}.dump`);
    const output = createWriteStream(`${file}.part`, { mode: 0o600 });
    await tools.run('pg_dump', ['--format', 'custom', '--schema', name], { to: output });
    const manifest = {
      service: name,
      moment,
      bytes: statSync(`${file}.part`).size,
      sha256: await hashOf(`${file}.part`),
    };
    renameSync(`${file}.part`, file);
    writeFileSync(join(to, `${name}.json`), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    console.log(`${name}: ${manifest.bytes} bytes, of ${moment.toISOString()}`);
  }
}

async function hashOf(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

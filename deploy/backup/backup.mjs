// npm run backup -- --help
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runCommand } from './command-line.mjs';

const HELP = `Backs up the database of each service: one pg_dump (custom format) of its schema, consistent in itself, while it runs.

  DATABASE_URL=postgres://admin:…@host/store npm run backup -- --to FOLDER
  npm run backup -- --to FOLDER --compose                 the store of docker compose up; its own pg_dump
  npm run backup -- --to FOLDER --service orders,payments only these; default gateway, users, inventory, orders, payments

  --project NAME   with --compose: the project's name (docker compose -p)

FOLDER gets SERVICE.dump and SERVICE.json, which says of which moment it is: what npm run restore and recovery need. SERVICE.json comes
last: without it the backup is not whole. No backup is written over another: each has a folder of its own. A service with a database of
its own is backed up by its own DATABASE_URL. pg_dump must be as new as the server. The dumps hold personal data and
password hashes: keep them as you keep the databases. Kafka is not backed up; docs/runbook.md says why and what follows.`;

await runCommand({ name: 'backup', help: HELP, folder: 'to' }, async ({ folder, services, tools }) => {
  await tools.assertNewEnough();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const taken = services.filter((name) => existsSync(join(folder, `${name}.json`)));
  if (taken.length > 0) throw new Error(`${folder} has a backup of ${taken.join(', ')}: name another folder`);
  for (const name of services) await backUp(tools, name, join(folder, name));
});

/** Writes `path`.dump and then `path`.json, each under its name only once it is whole. */
async function backUp(tools, name, path) {
  // Before the snapshot: what recovery reads begins rather too early.
  const moment = new Date(await tools.ask("SELECT to_json(clock_timestamp() AT TIME ZONE 'UTC') #>> '{}' || 'Z'"));
  const part = `${path}.dump.part`;
  try {
    const output = createWriteStream(part, { mode: 0o600, flush: true });
    await tools.run('pg_dump', ['--format', 'custom', '--schema', name], { to: output });
    const manifest = { service: name, moment, bytes: statSync(part).size, sha256: await hashOf(part) };
    renameSync(part, `${path}.dump`);
    writeFileSync(`${path}.json.part`, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(`${path}.json.part`, `${path}.json`);
    console.log(`${name}: ${manifest.bytes} bytes, of ${moment.toISOString()}`);
  } catch (error) {
    rmSync(part, { force: true });
    throw new Error(`${name} is not backed up: ${error.message}`);
  }
}

async function hashOf(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Backups } from './backups.js';
import { SchemaCopies } from './schema-copies.js';

const run = promisify(execFile);

/** By pg_dump where there is one that is as new as the server; else by copies inside the server. */
export async function openBackups(databaseUrl: string, folder: string): Promise<Backups> {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  const call = async (script: string, ...args: string[]) => {
    await run(process.execPath, [`deploy/backup/${script}.mjs`, ...args], { env });
  };
  const dumps: Backups = {
    how: 'pg_dump and pg_restore (npm run backup, npm run restore)',
    take: async (service) => {
      await call('backup', '--to', folder, '--service', service);
      return JSON.parse(readFileSync(join(folder, `${service}.json`), 'utf8')).moment;
    },
    restore: (service) => call('restore', '--from', folder, '--service', service),
  };
  try {
    await call('backup', '--to', join(folder, 'trial'), '--service', 'gateway');
    return dumps;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n').at(-2) : String(error);
    // Everything else is a backup that does not work, which is what the drill is there to find.
    if (!/cannot be run|pg_dump is version/.test(why ?? '')) throw error;
    return new SchemaCopies(databaseUrl, `copies inside the server, for there is no pg_dump that fits (${why})`);
  }
}

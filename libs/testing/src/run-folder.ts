import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { endOrphans, identify, isAlive, type ProcessIdentity, removePostgres } from '#libs/embedded';

const prefix = 'ineedthatfast-test-';
const owner = 'owner.json'; // no *.pid.json: it is not to be ended

/**
 * A fresh folder for everything that this run starts. Folders of earlier runs that crashed are removed first, with the
 * processes that still run in them.
 */
export async function openRunFolder(): Promise<string> {
  await sweep();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(folder, 0o711); // the user "postgres" passes through it to the data of PostgreSQL
  const self = identify(process.pid);
  writeFileSync(join(folder, owner), JSON.stringify(self));
  return folder;
}

/** Ends what still runs in the folder, as a test that was cut off leaves it, and deletes it with all that belongs to it. */
export async function removeRunFolder(folder: string): Promise<void> {
  await endOrphans(folder, 'SIGKILL');
  for (const log of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (basename(log) === 'postgres.log') removePostgres(join(folder, dirname(log))); // as root its data are elsewhere
  }
  rmSync(folder, { recursive: true, force: true });
}

/** A folder inside the run's folder for one server. */
export function subfolder(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true, mode: 0o711 });
  return path;
}

async function sweep(): Promise<void> {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(prefix));
  for (const folder of folders.map((name) => join(tmpdir(), name))) {
    const itsOwner = ownerOf(folder);
    // without an owner: another run is just making or removing it
    if (itsOwner !== undefined && !isAlive(itsOwner)) await removeRunFolder(folder);
  }
}

function ownerOf(folder: string): ProcessIdentity | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(join(folder, owner), 'utf8'));
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined;
  }
}

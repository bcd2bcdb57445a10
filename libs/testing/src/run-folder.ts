import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, identify, isAlive, type ProcessIdentity, removePostgres } from '#libs/embedded';

const prefix = 'ineedthatfast-test-';
const owner = 'owner.pid.json';

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

export function removeRunFolder(folder: string): void {
  removePostgres(join(folder, 'store', 'postgres')); // as root a store keeps its database elsewhere
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
  for (const name of folders) {
    const folder = join(tmpdir(), name);
    const ownerOf = identityIn(join(folder, owner));
    if (ownerOf === undefined || isAlive(ownerOf)) continue; // no owner: another run is just making or removing it
    const orphans = pidFiles(folder).flatMap((file) => identityIn(file) ?? []);
    await Promise.all(orphans.map((orphan) => endProcess(orphan, 'SIGKILL')));
    removeRunFolder(folder);
  }
}

function pidFiles(folder: string): string[] {
  try {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return files.filter((file) => file.endsWith('.pid.json')).map((file) => join(folder, file));
  } catch {
    return []; // another run removes the same folder at this moment
  }
}

function identityIn(file: string): ProcessIdentity | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, 'utf8'));
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
  } catch {
    return undefined; // not written yet, or removed meanwhile
  }
}

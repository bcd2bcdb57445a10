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
    const [ownerOf] = identities(folder, (file) => file === owner);
    if (ownerOf === undefined || isAlive(ownerOf)) continue; // no owner: another run is just making it
    const orphans = identities(folder, (file) => file.endsWith('.pid.json'));
    await Promise.all(orphans.map((orphan) => endProcess(orphan, 'SIGKILL')));
    removeRunFolder(folder);
  }
}

function identities(folder: string, wanted: (file: string) => boolean): ProcessIdentity[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(wanted);
  return files.flatMap((file) => {
    try {
      const { pid, started } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      return typeof pid === 'number' && typeof started === 'string' ? [{ pid, started }] : [];
    } catch {
      return []; // removed meanwhile by its own run
    }
  });
}

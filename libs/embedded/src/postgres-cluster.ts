import { execFile } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { errorCode } from './error-code.js';
import type { Account, PostgresBinaries } from './postgres-binaries.js';
import { commandLine, endProcess, identify } from './process-identity.js';
import { type Progress, timed } from './progress.js';

interface NewCluster {
  data: string;
  password: string;
  binaries: PostgresBinaries;
  account: Account | undefined;
  onProgress: Progress;
}

/** Makes the data folder of PostgreSQL when there is none. The same locale rules on every machine: those built in. */
export async function createCluster({ data, password, binaries, account, onProgress }: NewCluster): Promise<void> {
  if (existsSync(join(data, 'PG_VERSION'))) return;
  const fresh = `${data}.new`; // renamed when complete: a start that was cut off leaves no half-made cluster
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(dirname(data), { recursive: true });
  ownedFolder(fresh, account);
  const secret = mkdtempSync(join(tmpdir(), 'ineedthatfast-initdb-'));
  try {
    const passwordFile = join(secret, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    give(secret, account);
    give(passwordFile, account);
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    const initdb = () =>
      promisify(execFile)(binaries.initdb, [`--pgdata=${fresh}`, ...locale, ...access], { ...account, cwd: '/' });
    await timed(onProgress, `Creating the PostgreSQL data in ${data}`, initdb);
    renameSync(fresh, data);
  } finally {
    rmSync(secret, { recursive: true, force: true });
  }
}

function ownedFolder(folder: string, account: Account | undefined): void {
  mkdirSync(folder, { mode: 0o700 });
  give(folder, account);
}

function give(path: string, account: Account | undefined): void {
  if (account) chownSync(path, account.uid, account.gid);
}

/** Stops a server that still runs on these data although the run of ours that started it is gone. */
export async function endPostmaster(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  const identity = Number.isInteger(pid) ? identify(pid) : undefined;
  // after a reboot the pid may be anybody's
  if (identity && commandLine(pid)?.includes(`-D ${data} `)) await endProcess(identity, 'SIGINT', 15_000);
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {}); // an ended connection fails the query that waits on it
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Whether a query is answered. @throws when the password is not the one that the data were made with */
export async function isAccepting(url: string): Promise<boolean> {
  return withClient(url, (client) => client.query('SELECT 1')).then(
    () => true,
    (error: Error) => {
      if (errorCode(error) === '28P01') throw new Error(refusal(url), { cause: error });
      return false;
    },
  );
}

const refusal = (url: string) =>
  `PostgreSQL refuses the password of ${new URL(url).host}: its data were made with another one. Put the file of secrets back, or throw the data away (npm run reset)`;

export async function createDatabase(url: string, name: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  });
}

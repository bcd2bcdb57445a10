import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { assertPortFree, freePort } from './ports.js';
import {
  type Account,
  dataFolder,
  type PostgresBinaries,
  postgresAccount,
  postgresBinaries,
} from './postgres-binaries.js';
import { createCluster, createDatabase, endPostmaster, isAccepting } from './postgres-cluster.js';
import { type Progress, silent } from './progress.js';
import { endOrphan, RestartableServer } from './restartable-server.js';
import type { Postgres } from './server.js';
import { ServerProcess } from './server-process.js';

export interface PostgresOptions {
  /** Own folder for data and log; data in it are kept. */
  folder: string;
  /** Of the superuser "postgres"; must be the same at each start on the same data. */
  password: string;
  /** Default: a free one. */
  port?: number;
  /** Created when it does not exist; default "store". */
  database?: string;
  /** false: commits survive a kill of the server, but no power cut; for tests. Default true. */
  durable?: boolean;
  onProgress?: Progress;
}

interface Place {
  folder: string;
  data: string;
  port: number;
  durable: boolean;
  account: Account | undefined;
}

const stopSignal = 'SIGINT'; // "fast": open transactions are rolled back, then a checkpoint

class PostgresServer extends RestartableServer implements Postgres {
  constructor(
    readonly url: string,
    readonly port: number,
    launch: () => Promise<ServerProcess>,
    identityFile: string,
  ) {
    super({ launch, stopSignal, identityFile });
  }
}

/**
 * A real PostgreSQL 18 on loopback, reached by password only. As root it runs as the user "postgres".
 * The first start on a folder takes about 4 s, later ones less than one.
 * @throws PortInUseError; an Error with the end of the server's log when it does not start
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { folder, password, database = 'store', onProgress = silent } = options;
  mkdirSync(folder, { recursive: true });
  const account = postgresAccount(onProgress);
  const binaries = await postgresBinaries(account, onProgress);
  const data = dataFolder(folder, account);
  const port = options.port ?? (await freePort());
  await createCluster({ data, password, binaries, account, onProgress });
  const urlOf = (name: string) => `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`;
  const place = { folder, data, port, durable: options.durable ?? true, account };
  const launch = () => launchPostgres(binaries, place, urlOf('postgres'));
  const server = new PostgresServer(urlOf(database), port, launch, identityFile(folder));
  await server.start();
  await createDatabase(urlOf('postgres'), database);
  return server;
}

/** Deletes what a server with this folder keeps, also where it had to put it elsewhere. It must be stopped. */
export function removePostgres(folder: string): void {
  rmSync(dataFolder(folder, postgresAccount(silent)), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

const identityFile = (folder: string) => join(folder, 'postgres.pid.json');

async function launchPostgres(binaries: PostgresBinaries, place: Place, url: string): Promise<ServerProcess> {
  await endOrphan(identityFile(place.folder), stopSignal);
  await endPostmaster(place.data);
  await assertPortFree(place.port, 'PostgreSQL');
  const server = ServerProcess.spawn({
    name: 'PostgreSQL',
    command: binaries.postgres,
    arguments: ['-D', place.data, '-p', String(place.port), ...settings(place.durable)],
    logFile: join(place.folder, 'postgres.log'),
    identityFile: identityFile(place.folder),
    options: { ...place.account },
  });
  await server.untilReady(() => isAccepting(url), { timeout: 60_000 });
  return server;
}

function settings(durable: boolean): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    // a kill of the server loses nothing without these, only a crash of the machine may
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

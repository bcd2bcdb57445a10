import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { installJars } from './jars.js';
import { javaCommand } from './java.js';
import { assertPortFree, freePort } from './ports.js';
import { type Progress, silent } from './progress.js';
import { endOrphan, RestartableServer } from './restartable-server.js';
import type { Zipkin } from './server.js';
import { ServerProcess } from './server-process.js';

export interface ZipkinOptions {
  /** Own folder for its log. */
  folder: string;
  /** Default: a free one. */
  port?: number;
  onProgress?: Progress;
  /** Gives the start up, also one that is under way. */
  signal?: AbortSignal;
}

const jars = { source: 'zipkin', cached: 'zipkin-3.5.1', title: 'Zipkin 3.5.1 (the trace viewer, 131 MB)' } as const;
const stopSignal = 'SIGTERM';

class ZipkinServer extends RestartableServer implements Zipkin {
  constructor(
    readonly url: string,
    launch: () => Promise<ServerProcess>,
    identityFile: string,
  ) {
    super({ launch, stopSignal, identityFile });
  }
}

/**
 * Zipkin's server with its web page, on loopback; the newest 50,000 spans live in memory. Takes about 15 s and 220 MB.
 * @throws PortInUseError, MissingToolError (Java, Maven)
 */
export async function startZipkin({ folder, port, onProgress = silent, signal }: ZipkinOptions): Promise<Zipkin> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [jar] = await installJars(jars, onProgress);
  const chosen = port ?? (await freePort());
  const url = `http://127.0.0.1:${chosen}`;
  const identityFile = join(folder, 'zipkin.pid.json');
  const launch = async () => {
    await endOrphan(identityFile, stopSignal);
    await assertPortFree(chosen, 'Zipkin');
    const zipkin = ServerProcess.spawn({
      name: 'Zipkin',
      command: javaCommand(),
      arguments: [...memory, '-jar', String(jar), ...settings(chosen)],
      logFile: join(folder, 'zipkin.log'),
      identityFile,
    });
    await zipkin.untilReady(() => isHealthy(url), { timeout: 120_000, signal });
    return zipkin;
  };
  const server = new ZipkinServer(url, launch, identityFile);
  await server.start();
  return server;
}

// One without memory would take no more spans and never say why; ended, it can be started again.
const memory = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError'];

/** The oldest traces go first. Zipkin's own 500,000 do not fit: fewer than 160,000 spans of a gateway fill its heap. */
const MAX_SPANS = 50_000;

// Zipkin's own QUERY_PORT listens on every address.
const settings = (port: number) => [
  `--armeria.ports[0].port=${port}`,
  '--armeria.ports[0].ip=127.0.0.1',
  '--armeria.ports[0].protocols[0]=http',
  `--zipkin.storage.mem.max-spans=${MAX_SPANS}`,
];

async function isHealthy(url: string): Promise<boolean> {
  return fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.ok,
    () => false,
  );
}

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KafkaIdentities } from './kafka-identities.js';
import { installKafka, type KafkaInstallation } from './kafka-install.js';
import { kafkaProperties } from './kafka-properties.js';
import { isServing } from './kafka-readiness.js';
import { assertPortFree, freePort } from './ports.js';
import { type Progress, silent } from './progress.js';
import { endOrphan, RestartableServer } from './restartable-server.js';
import type { Kafka } from './server.js';
import { ServerProcess } from './server-process.js';

export interface KafkaOptions {
  /** Own folder for data, properties and log; data in it are kept. */
  folder: string;
  /** Default: free ones. The data are not tied to them. */
  port?: number;
  controllerPort?: number;
  /** Default: everybody may come and do everything. */
  identities?: KafkaIdentities | undefined;
  onProgress?: Progress;
  /** Gives the start up, also one that is under way. */
  signal?: AbortSignal;
}

interface Place {
  folder: string;
  port: number;
  controllerPort: number;
  identities: KafkaIdentities | undefined;
  signal: AbortSignal | undefined;
}

const stopSignal = 'SIGTERM';

class KafkaServer extends RestartableServer implements Kafka {
  readonly brokers: string;

  constructor(
    readonly port: number,
    launch: () => Promise<ServerProcess>,
    identityFile: string,
  ) {
    super({ launch, stopSignal, identityFile });
    this.brokers = `127.0.0.1:${port}`;
  }
}

/**
 * A real Apache Kafka broker of one node on loopback, without topics. Needs Java 17; Maven once.
 * Resolves when it answers metadata requests. Later starts take about 4 s of CPU.
 * @throws PortInUseError, MissingToolError
 */
export async function startKafka({ folder, onProgress = silent, ...options }: KafkaOptions): Promise<Kafka> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const installation = await installKafka(onProgress);
  const { identities, signal } = options;
  const port = options.port ?? (await freePort());
  const place = { folder, port, controllerPort: options.controllerPort ?? (await freePort()), identities, signal };
  const server = new KafkaServer(port, () => launchBroker(installation, place), identityFile(folder));
  await server.start();
  return server;
}

const identityFile = (folder: string) => join(folder, 'broker.pid.json');

async function launchBroker(
  installation: KafkaInstallation,
  { folder, port, controllerPort, identities, signal }: Place,
): Promise<ServerProcess> {
  await endOrphan(identityFile(folder), stopSignal);
  await assertPortFree(port, 'Kafka');
  await assertPortFree(controllerPort, "Kafka's controller");
  const logFolder = join(folder, 'log');
  if (!existsSync(join(logFolder, 'meta.properties'))) installation.format(logFolder);
  const properties = join(folder, 'server.properties');
  writeFileSync(properties, kafkaProperties({ port, controllerPort, logFolder, identities }), { mode: 0o600 });
  const broker = ServerProcess.spawn({
    name: 'Kafka',
    command: installation.java,
    arguments: [...installation.arguments, properties],
    logFile: join(folder, 'broker.log'),
    identityFile: identityFile(folder),
  });
  await broker.untilReady(() => isServing(`127.0.0.1:${port}`, identities), { timeout: 60_000, signal });
  return broker;
}

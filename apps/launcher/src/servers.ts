import {
  type EmbeddedServer,
  type KafkaIdentities,
  MissingToolError,
  type Progress,
  startKafka,
  startPostgres,
  startZipkin,
} from '#libs/embedded';
import { type Role, roles } from './apps.js';
import type { Ports } from './ports.js';
import type { Settings } from './settings.js';
import { record, type StoreFolder } from './store-folder.js';

/** A server that apps use: started by us, or an existing one (then there is no process of ours). */
export interface StartedServer {
  address: string;
  server?: EmbeddedServer;
}

export interface ServersPlan {
  settings: Settings;
  ports: Ports;
  folder: StoreFolder;
  say: Progress;
  /** Gives up what is still starting. */
  stop: AbortSignal;
}

/** The administrator's URL of the database. */
export async function database(plan: ServersPlan, password: string): Promise<StartedServer> {
  if (plan.settings.databaseUrl) return { address: plan.settings.databaseUrl };
  const server = await startPostgres({
    folder: plan.folder.server('postgres'),
    port: plan.ports.PostgreSQL,
    password,
    onProgress: plan.say,
  });
  return { address: server.url, server };
}

/** The brokers of Kafka; our own lets nobody come but `identities`, where there are some. */
export async function broker(plan: ServersPlan, identities?: KafkaIdentities): Promise<StartedServer> {
  if (plan.settings.brokers) return { address: plan.settings.brokers };
  const server = await startKafka({
    folder: plan.folder.server('kafka'),
    port: plan.ports.Kafka,
    controllerPort: plan.ports["Kafka's controller"],
    identities,
    onProgress: plan.say,
    signal: plan.stop,
  }).catch((error: Error) => {
    if (!(error instanceof MissingToolError)) throw error;
    throw new Error(`${error.message}\nOr use an existing broker: KAFKA_BROKERS=host:9092 npm start`, { cause: error });
  });
  return { address: server.brokers, server };
}

/** The trace viewer; undefined when Java is missing, which is no reason to have no store. */
export async function traceViewer({ folder, ports, say, stop }: ServersPlan): Promise<EmbeddedServer | undefined> {
  const port = ports['Zipkin, the trace viewer'];
  return startZipkin({ folder: folder.server('zipkin'), port, onProgress: say, signal: stop }).catch((error: Error) => {
    if (!stop.aborted) say(`There is no trace viewer: ${error.message}`);
    return undefined;
  });
}

/** Each role's URL of the same database. */
export function roleUrls(adminUrl: string, passwords: Readonly<Record<Role, string>>): Record<Role, string> {
  return record(roles, (role) => {
    const url = new URL(adminUrl);
    url.username = role;
    url.password = passwords[role];
    return url.href;
  });
}

import { endOrphan, RestartableServer, repositoryFolder, ServerProcess } from '#libs/embedded';
import type { AppDefinition, Place } from './apps.js';
import type { StoreFolder } from './store-folder.js';

const stopSignal = 'SIGTERM';

/**
 * One app of the store as a child process, not started yet. Its JSON log goes straight to a file, so it outlives us.
 * `start` resolves when the process exists: whether it serves is what its /readyz says.
 */
export function appProcess(app: AppDefinition, place: Place, folder: StoreFolder): RestartableServer {
  const main = `dist/apps/${app.name}/src/main.js`;
  const identityFile = folder.pidFile(app.name);
  const launch = async () => {
    await endOrphan(identityFile, stopSignal);
    return ServerProcess.spawn({
      name: app.name,
      command: process.execPath,
      arguments: ['--import', `./dist/libs/telemetry/src/${app.register}.js`, main],
      logFile: folder.logFile(app.name),
      identityFile,
      options: { cwd: repositoryFolder(), env: environment(app, place) },
    });
  };
  return new RestartableServer({ launch, stopSignal, identityFile });
}

/** Variables of ours that would mean something else to an app. */
const notForApps = new Set(['DATABASE_URL', 'KAFKA_BROKERS', 'OPS_LISTEN', 'HTTP_LISTEN', 'GRPC_LISTEN', 'PORT']);

function environment(app: AppDefinition, place: Place): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !notForApps.has(name.replace(/_FILE$/, '')));
  return {
    ...Object.fromEntries(inherited),
    ...place.telemetry,
    OTEL_SERVICE_NAME: app.name,
    LOG_FORMAT: 'json',
    DEMO_MODE: 'true',
    ...app.environment(place),
  };
}

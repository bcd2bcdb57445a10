import { createLogger, exitOnCrash, exitOnFailedStart, exitOnSignal, loadConfig } from '#libs/service';
import { gatewayEnvironment } from './environment.js';
import { startGateway } from './start-gateway.js';

const env = loadConfig(gatewayEnvironment);
const log = await createLogger({ name: 'gateway', level: env.LOG_LEVEL, format: env.LOG_FORMAT });
exitOnCrash(log);
const gateway = await startGateway(env, process.env, log).catch((error: unknown) => exitOnFailedStart(log, error));
exitOnSignal(log, () => gateway.stop());
log.info(
  { url: gateway.url, ops: gateway.opsUrl, operations: gateway.deployments.current.operations.all.length },
  'gateway started',
);

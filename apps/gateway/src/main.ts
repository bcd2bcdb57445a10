import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { setLogger } from '@grpc/grpc-js';
import {
  ConfigError,
  createLogger,
  exitOnCrash,
  exitOnFailedStart,
  exitOnSignal,
  type Log,
  loadConfig,
} from '#libs/service';
import { HELP } from './commands/help.js';
import { tokenCommand } from './commands/token.js';
import { ConfigRefused } from './config/config-problem.js';
import { loadDeployment } from './deployments/load-deployment.js';
import { type GatewayEnvironment, gatewayEnvironment } from './environment.js';
import { startGateway } from './start-gateway.js';

/** sysexits.h: starting again will not help until somebody changes the configuration. */
const EX_CONFIG = 78;
const EX_USAGE = 64;

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  check: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Run by npm, this process is in the repository: paths are meant from where the command was given. */
const fileAt = (path: string) => {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
  return resolve(script === 'gateway' && folder ? folder : '.', path);
};

const [command, ...rest] = process.argv.slice(2);
if (command === 'token') process.exit(await tokenCommand(rest, fileAt).catch(badUsage));
const { values } = readArguments();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const env = readEnvironment(values.config);
if (values.check) process.exit(await check(env));

const log = await createLogger({ name: 'gateway', level: env.LOG_LEVEL, format: env.LOG_FORMAT });
exitOnCrash(log);
logGrpc(log);
const gateway = await startGateway(env, process.env, log).catch((error: unknown) => {
  if (!(error instanceof ConfigRefused)) return exitOnFailedStart(log, error);
  log.fatal({ problems: error.lines }, 'configuration refused');
  return refused(error);
});
process.on('SIGHUP', () => void gateway.reload('SIGHUP'));
exitOnSignal(log, () => gateway.stop());
const { operations } = gateway.deployments.current;
log.info({ url: gateway.url, ops: gateway.opsUrl, operations: operations.all.length }, 'gateway started');

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS });
  } catch (error) {
    process.exit(badUsage(error));
  }
}

function badUsage(error: unknown): number {
  process.stderr.write(
    `${error instanceof Error ? error.message : error}\nnpm run gateway -- --help says what there is.\n`,
  );
  return EX_USAGE;
}

function readEnvironment(config: string | undefined): GatewayEnvironment {
  try {
    const read = loadConfig(gatewayEnvironment, { ...process.env });
    return config === undefined ? read : { ...read, GATEWAY_CONFIG: fileAt(config) };
  } catch (error) {
    if (error instanceof ConfigError) refused(error);
    throw error;
  }
}

/** For people too, whatever the form of the log. */
function refused(error: Error): never {
  process.stderr.write(`${error.message}\n`);
  process.exit(EX_CONFIG);
}

async function check({ GATEWAY_CONFIG: file }: GatewayEnvironment): Promise<number> {
  try {
    const { operations } = await loadDeployment(file, process.env);
    console.log(`${file} is fine: ${operations.all.length} operations, ${operations.routes.length} routes`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigRefused)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EX_CONFIG;
  }
}

/** grpc-js otherwise writes plain lines to stderr. */
function logGrpc(log: Log): void {
  const write = (level: 'error' | 'debug') => (message: unknown) => log[level]({}, `grpc-js: ${String(message)}`);
  setLogger({ error: write('error'), info: write('debug'), debug: write('debug') });
}

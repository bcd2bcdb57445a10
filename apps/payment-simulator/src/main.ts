import { createLogger, loadConfig } from '#libs/service';
import { simulatorEnvironment } from './config.js';
import { startSimulator } from './start-simulator.js';

const config = loadConfig(simulatorEnvironment);
const log = await createLogger({ name: 'payment-simulator', level: config.LOG_LEVEL, format: config.LOG_FORMAT });
const app = await startSimulator(config, log);
app.enableShutdownHooks();
log.info({ url: await app.getUrl() }, 'payment simulator started');

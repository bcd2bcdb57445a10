import { createLogger } from './log.js';
import { exitOnCrash, exitOnFailedStart, exitOnSignal } from './process-end.js';
import { type ServiceOptions, startService } from './start-service.js';

/**
 * The whole life of a service process: starts it, stops it on SIGTERM or SIGINT within 10 s (not ready → running calls
 * → consumers → relay → database → telemetry), and exits with 1 when it cannot start or when something is thrown that
 * nobody foresaw.
 */
export async function runService(options: ServiceOptions): Promise<void> {
  const { LOG_LEVEL: level, LOG_FORMAT: format } = options.config;
  const log = await createLogger({ name: options.name, level, format });
  exitOnCrash(log);
  const service = await startService(options, log).catch((error: unknown) => exitOnFailedStart(log, error));
  exitOnSignal(log, () => service.stop());
  log.info({ grpc: service.grpcAddress, ops: service.opsUrl }, 'service started');
}

import { setLogger } from '@grpc/grpc-js';
import { createLogger, type Log } from './log.js';
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
  setLogger(grpcLogger(log));
  const service = await startService(options, log).catch((error: unknown) => exitOnFailedStart(log, error));
  exitOnSignal(log, () => service.stop());
  log.info({ grpc: service.grpcAddress, ops: service.opsUrl }, 'service started');
}

// grpc-js otherwise writes plain lines to stderr.
function grpcLogger(log: Log): Partial<Console> {
  const write = (level: 'error' | 'debug') => (message: unknown) => log[level]({}, `grpc-js: ${String(message)}`);
  return { error: write('error'), info: write('debug'), debug: write('debug') };
}

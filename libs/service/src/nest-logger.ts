import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.js';

// Nest tells each step of its own boot; that is for debugging.
const CHATTY = new Set([
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestFactory',
  'NestApplication',
  'NestMicroservice',
]);

/** Lets Nest and its `Logger` write into our log; the last argument of Nest's calls is the context. */
export class NestLogger implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    const { context } = split(rest);
    this.write(typeof context === 'string' && CHATTY.has(context) ? 'debug' : 'info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ): void {
    const { context, others } = split(rest);
    const fields = { ...(context ? { context } : {}), ...(others.length > 0 ? { more: others } : {}) };
    if (message instanceof Error) this.target[level]({ ...fields, err: message }, message.message);
    else if (typeof message === 'object' && message !== null)
      this.target[level]({ ...fields, ...message }, context ?? '');
    else this.target[level](fields, String(message));
  }
}

function split(rest: unknown[]): { context?: string; others: unknown[] } {
  const context = rest.at(-1);
  const others = rest.slice(0, -1).filter((other) => other !== undefined);
  return typeof context === 'string' ? { context, others } : { others: rest.filter((other) => other !== undefined) };
}

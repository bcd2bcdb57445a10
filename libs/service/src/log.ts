import { pino } from 'pino';
import { activeTrace, logLineSender } from '#libs/telemetry';
import { redactFields, redactText } from './redact.js';
import { TurnLines } from './turn-lines.js';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/**
 * The log of an app, injected as `Log`. Entries are events: what happened in the past tense, the facts as fields.
 * They carry the ids of the active span, and are redacted before they are written.
 */
export abstract class Log implements Record<Level, (fields: object, message: string) => void> {
  abstract trace(fields: object, message: string): void;
  abstract debug(fields: object, message: string): void;
  /** `log.info({ orderId }, 'order placed')`; an error goes into the field `err`. */
  abstract info(fields: object, message: string): void;
  abstract warn(fields: object, message: string): void;
  abstract error(fields: object, message: string): void;
  abstract fatal(fields: object, message: string): void;
}

export interface LogOptions {
  /** Written as `service`. */
  readonly name: string;
  readonly level: Level | 'silent';
  readonly format: 'json' | 'pretty';
  /** Where lines go; default stdout. */
  readonly destination?: Destination;
}

interface Destination {
  write(line: string): unknown;
}

/** A log that writes one JSON object per line, or lines for people with `pretty`. */
export async function createLogger(options: LogOptions): Promise<Log> {
  const destination = await destinationOf(options);
  const log: Log = pino(
    {
      level: options.level,
      base: { service: options.name },
      timestamp,
      formatters: { level: (level) => ({ level }), log: facts },
      // `log` above has described errors already; pino's own serializer would copy all their fields.
      serializers: { err: (described: unknown) => described, msg: redactText },
    },
    destination,
  );
  return log;
}

async function destinationOf(options: LogOptions): Promise<Destination> {
  const written = await writtenTo(options);
  const send = logLineSender();
  if (!send) return written;
  return {
    write: (line) => {
      send(line);
      return written.write(line);
    },
  };
}

async function writtenTo(options: LogOptions): Promise<Destination> {
  // Written before a crash ends the process: the last lines are the ones that matter.
  const destination = options.destination ?? new TurnLines();
  if (options.format === 'json') return destination;
  const { prettyFactory } = await import('pino-pretty');
  const colorize = options.destination === undefined && process.stdout.isTTY;
  const prettify = prettyFactory({ colorize, ignore: 'hostname,pid', singleLine: true });
  return { write: (line) => destination.write(prettify(line)) };
}

/** The fields of a line, redacted, and the ids of the active span: put together by pino's mixin they cost five times as much. */
function facts(fields: object): Record<string, unknown> {
  const redacted = redactFields(fields);
  const active = activeTrace();
  if (active) {
    redacted.trace_id ??= active.traceId;
    redacted.span_id ??= active.spanId;
  }
  return redacted;
}

// Busy apps write several lines in a millisecond.
const lastTime = { ms: 0, field: '' };

/** What pino's isoTime makes, made once for each millisecond. */
function timestamp(): string {
  const ms = Date.now();
  if (ms !== lastTime.ms) {
    lastTime.ms = ms;
    lastTime.field = `,"time":"${new Date(ms).toISOString()}"`;
  }
  return lastTime.field;
}

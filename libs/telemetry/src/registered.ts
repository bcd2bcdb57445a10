import type { ServerResponse } from 'node:http';

/** What register.ts leaves for the app that starts after it. */
export interface RegisteredTelemetry {
  /** Rejects when metrics could not be collected. */
  serveMetrics(response: ServerResponse): Promise<void>;
  /** Sends what is buffered and stops; called once. */
  shutdown(): Promise<void>;
}

// Kept on globalThis: `--import` and the app may load this file by two URLs, hence as two module instances.
const KEY = Symbol.for('ineedthatfast.telemetry');
const holder: typeof globalThis & { [KEY]?: RegisteredTelemetry | undefined } = globalThis;

export function rememberTelemetry(telemetry: RegisteredTelemetry): void {
  holder[KEY] = telemetry;
}

/** Undefined when the process was started without `--import …/register.js`, as tests are. */
export function registeredTelemetry(): RegisteredTelemetry | undefined {
  return holder[KEY];
}

/** Hands out the telemetry to the one who stops it; later calls get undefined. */
export function takeTelemetry(): RegisteredTelemetry | undefined {
  const telemetry = holder[KEY];
  holder[KEY] = undefined;
  return telemetry;
}

import type { ServerResponse } from 'node:http';
import { registeredTelemetry, takeTelemetry } from './registered.js';

/**
 * Answers `GET /metrics` in the Prometheus text format; empty when telemetry is not registered. Rejects, with nothing
 * written, when metrics could not be collected.
 */
export async function metricsHandler(response: ServerResponse): Promise<void> {
  const telemetry = registeredTelemetry();
  if (telemetry) await telemetry.serveMetrics(response);
  else response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end('');
}

/**
 * Sends the spans that are still buffered and stops telemetry; for the very end of a shutdown. Resolves after
 * `limitMs` at the latest and never rejects: a dead collector must not hold up or fail a shutdown.
 */
export async function flushTelemetry(limitMs = 3000): Promise<void> {
  const telemetry = takeTelemetry();
  if (!telemetry) return;
  const { promise: limit, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  await Promise.race([telemetry.shutdown().catch(() => undefined), limit]);
  clearTimeout(timer);
}

import type { ConfigPath, ConfigProblem } from '../config/config-problem.js';
import type { GatewayConfig } from '../gateway-config.js';

/** What the running process is built on: another value needs another process. */
const FIXED: readonly ConfigPath[] = [
  ['listen'],
  ['tls'],
  ['http2'],
  ['databaseUrl'],
  ['redisUrl'],
  ['corsOrigins'],
  ['trustedProxies'],
  ['limits', 'headerBytes'],
  ['limits', 'headersSeconds'],
  ['limits', 'requestSeconds'],
];

/** What a running gateway cannot take over from another configuration. */
export function changedFixedParts(running: GatewayConfig, next: GatewayConfig): ConfigProblem[] {
  return FIXED.filter((path) => at(running, path) !== at(next, path)).map((path) => ({
    path,
    message: 'cannot change while the gateway runs: restart it to use the new value',
  }));
}

function at(config: GatewayConfig, path: ConfigPath): string {
  const value = path.reduce<unknown>(
    (found, key) => (typeof found === 'object' && found ? Reflect.get(found, key) : undefined),
    config,
  );
  return JSON.stringify(value) ?? '';
}

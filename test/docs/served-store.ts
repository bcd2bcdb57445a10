import { readGatewayConfig } from '../../apps/gateway/src/gateway-config.js';
import { loadOperations } from '../../apps/gateway/src/operations/load-operations.js';

/** What gateway.yaml asks for of its environment, where nothing is called. */
const variables = {
  ...Object.fromEntries(['USERS', 'INVENTORY', 'ORDERS', 'PAYMENTS'].map((name) => [`${name}_ADDRESS`, '127.0.0.1:1'])),
  TOKEN_JWKS_URL: 'http://127.0.0.1:1/.well-known/jwks.json',
  DATABASE_URL: 'postgres://gateway@127.0.0.1:1/store',
};

/** The store as the gateway serves it: its configuration and operations. */
export function servedStore() {
  const config = readGatewayConfig('apps/gateway/gateway.yaml', variables);
  return { config, operations: loadOperations(config.apis) };
}

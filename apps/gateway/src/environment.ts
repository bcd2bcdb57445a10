import { z } from 'zod';
import { appEnvironment, listenAddress } from '#libs/service';

/**
 * What the gateway itself reads from its environment. All else is in its configuration file, which may name further
 * variables.
 */
export const gatewayEnvironment = appEnvironment.omit({ DEMO_MODE: true }).extend({
  GATEWAY_CONFIG: z.string().default('apps/gateway/gateway.yaml').describe('path of the file that names the APIs'),
  HTTP_LISTEN: listenAddress.optional().describe('host:port of the REST API, instead of listen.http in the file'),
  OPS_LISTEN: listenAddress
    .optional()
    .describe('host:port of health checks and metrics, instead of listen.ops in the file'),
});

export type GatewayEnvironment = z.output<typeof gatewayEnvironment>;

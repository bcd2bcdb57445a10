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
  DRAIN_NOTICE_MS: z.coerce
    .number('is not a number')
    .int('is not a whole number')
    .min(0)
    .max(5_000)
    .default(0)
    .describe(
      'milliseconds that it serves on after SIGTERM, not ready: longer than a balancer takes to notice, at most 5000; 0 without one',
    ),
});

export type GatewayEnvironment = z.output<typeof gatewayEnvironment>;

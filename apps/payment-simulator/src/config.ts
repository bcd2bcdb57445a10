import type { z } from 'zod';
import { appEnvironment, listenAddress, serviceEnvironment } from '#libs/service';

export const simulatorEnvironment = appEnvironment.pick({ LOG_LEVEL: true, LOG_FORMAT: true }).extend({
  HTTP_LISTEN: listenAddress.prefault('127.0.0.1:9110').describe("host:port of the provider's API and health checks"),
  DATABASE_URL: serviceEnvironment.shape.DATABASE_URL,
  DEMO_MODE: appEnvironment.shape.DEMO_MODE.refine((demo) => demo, 'is not true').describe(
    'true: this payment provider is a simulation and takes no money',
  ),
});

export type SimulatorConfig = z.output<typeof simulatorEnvironment>;

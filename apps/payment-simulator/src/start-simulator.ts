import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Log, NestLogger } from '#libs/service';
import type { SimulatorConfig } from './config.js';
import { SimulatorModule } from './simulator.module.js';

const BODY_LIMIT = 16 * 1024;

/** Starts the provider on HTTP_LISTEN. Clients that it leaves waiting do not hold up its end. */
export async function startSimulator(config: SimulatorConfig, log: Log): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    SimulatorModule.forRoot(config.DATABASE_URL),
    new FastifyAdapter({ bodyLimit: BODY_LIMIT, forceCloseConnections: true }),
    { logger: new NestLogger(log), abortOnError: false },
  );
  const { host, port } = config.HTTP_LISTEN;
  await app.listen({ host, port });
  return app;
}

import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Database, missingMigrations } from '#libs/database';
import { SigningKeys } from '#libs/identity';
import { type Log, NestLogger, OpsServer, Readiness } from '#libs/service';
import type { GatewayEnvironment } from './environment.js';
import { GatewayModule, type GatewayOptions } from './gateway.module.js';
import { readGatewayConfig } from './gateway-config.js';
import { Handlers } from './handlers.js';
import { attach } from './http/attach.js';
import { healthRoutes } from './http/health.js';
import { OwnRoutes } from './http/own-routes.js';
import { serverOptions } from './http/server-options.js';
import { UnusedConnections } from './http/unused-connections.js';
import { AccessLog } from './observe/access-log.js';
import { loadOperations, type Operations } from './operations/load-operations.js';
import { AccessTokens } from './pipeline/access-tokens.js';
import { errorRoutes } from './problems/error-pages.js';
import { referenceRoutes } from './reference/reference-routes.js';
import { Draining } from './streams/draining.js';
import { UpstreamChannels } from './upstream/channels.js';

export interface RunningGateway {
  readonly app: NestFastifyApplication;
  readonly operations: Operations;
  /** `http://host:port` of the REST API. */
  readonly url: string;
  /** `http://host:port` of health checks, metrics and the public keys of principal tokens. */
  readonly opsUrl: string;
  /** Answers what has come in, ends streams, then stops everything in order; a second call waits for the first. */
  stop(): Promise<void>;
}

/**
 * Starts the gateway without taking over the process. `variables` are what gateway.yaml may name. Throws when the
 * configuration or an API cannot be served as it is.
 */
export async function startGateway(
  env: GatewayEnvironment,
  variables: Readonly<Record<string, string | undefined>>,
  log: Log,
): Promise<RunningGateway> {
  const config = readGatewayConfig(env.GATEWAY_CONFIG, variables);
  const operations = loadOperations(config.apis);
  const readiness = new Readiness();
  const ops = new OpsServer({ listen: env.OPS_LISTEN ?? config.listen.ops, readiness });
  const opsUrl = await ops.listen();
  const app = await createApp({ config, operations, log }).catch(async (error: unknown) => {
    await ops.close();
    throw error;
  });
  const parts = { app, readiness, ops, connections: new UnusedConnections(app.getHttpServer()) };
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= stopInOrder(parts);
    return stopping;
  };
  try {
    addChecks(app, readiness);
    ops.publishKeys(() => app.get(SigningKeys, { strict: false }).jwks());
    attachTo(app, { config, operations, readiness });
    const { port, host } = env.HTTP_LISTEN ?? config.listen.http;
    await app.listen(port, host);
  } catch (error) {
    await stop();
    throw error;
  }
  readiness.started();
  return { app, operations, url: await app.getUrl(), opsUrl, stop };
}

async function createApp(options: GatewayOptions): Promise<NestFastifyApplication> {
  const { config, log } = options;
  return NestFactory.create<NestFastifyApplication>(
    GatewayModule.forRoot(options),
    new FastifyAdapter(serverOptions(config.limits, config.trustedProxies)),
    { logger: new NestLogger(log), abortOnError: false, bodyParser: false },
  );
}

function attachTo(
  app: NestFastifyApplication,
  { config, operations, readiness }: Omit<GatewayOptions, 'log'> & { readiness: Readiness },
): void {
  attach(app.getHttpAdapter().getInstance(), {
    operations,
    own: new OwnRoutes([
      ...healthRoutes(readiness),
      ...errorRoutes(),
      ...referenceRoutes(() => ({ config, operations })),
    ]),
    draining: app.get(Draining),
    handlers: app.get(Handlers),
    accessLog: app.get(AccessLog),
    bodyLimit: config.limits.bodyBytes,
    corsOrigins: config.corsOrigins,
  });
}

function addChecks(app: NestFastifyApplication, readiness: Readiness): void {
  readiness.add('database', async () => {
    const missing = await missingMigrations(app.get(Database, { strict: false }), 'apps/gateway');
    return missing.length > 0 ? `migrations are missing: ${missing.join(', ')}` : undefined;
  });
  readiness.add('access token keys', () => app.get(AccessTokens).problem());
  readiness.add('upstreams', async () => {
    const unreachable = await app.get(UpstreamChannels).unreachable();
    return unreachable.length > 0 ? `cannot be reached: ${unreachable.join(', ')}` : undefined;
  });
}

interface Parts {
  readonly app: NestFastifyApplication;
  readonly readiness: Readiness;
  readonly ops: OpsServer;
  readonly connections: UnusedConnections;
}

async function stopInOrder({ app, readiness, ops, connections }: Parts): Promise<void> {
  readiness.draining();
  app.get(Draining).begin();
  // Stops listening, waits for requests that run, then closes channels and database (onApplicationShutdown).
  await connections.endWhile(app.close());
  await ops.close();
}

import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Database, missingMigrations } from '#libs/database';
import { SigningKeys } from '#libs/identity';
import { type Log, NestLogger, OpsServer, Readiness } from '#libs/service';
import type { GatewayEnvironment } from './environment.js';
import { GatewayModule } from './gateway.module.js';
import { readGatewayConfig } from './gateway-config.js';
import { Handlers } from './handlers.js';
import { attach } from './http/attach.js';
import { serverOptions } from './http/server-options.js';
import { AccessLog } from './observe/access-log.js';
import { loadOperations, type Operations } from './operations/load-operations.js';
import { AccessTokens } from './pipeline/access-tokens.js';
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
  const ops = new OpsServer({ listen: env.OPS_LISTEN, readiness });
  const opsUrl = await ops.listen();
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.forRoot({ env, config, operations, log }),
    new FastifyAdapter(serverOptions(config.limits, env.TRUSTED_PROXIES)),
    { logger: new NestLogger(log), abortOnError: false, bodyParser: false },
  ).catch(async (error: unknown) => {
    await ops.close();
    throw error;
  });
  const draining = app.get(Draining);
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= stopInOrder({ app, draining, readiness, ops });
    return stopping;
  };
  try {
    attach(app.getHttpAdapter().getInstance(), {
      operations,
      readiness,
      draining,
      handlers: app.get(Handlers),
      accessLog: app.get(AccessLog),
      bodyLimit: config.limits.bodyBytes,
      corsOrigins: env.CORS_ORIGINS,
    });
    addChecks(app, readiness);
    ops.publishKeys(() => app.get(SigningKeys, { strict: false }).jwks());
    await app.listen(env.HTTP_LISTEN.port, env.HTTP_LISTEN.host);
  } catch (error) {
    await stop();
    throw error;
  }
  readiness.started();
  return { app, operations, url: await app.getUrl(), opsUrl, stop };
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
  readonly draining: Draining;
  readonly readiness: Readiness;
  readonly ops: OpsServer;
}

async function stopInOrder({ app, draining, readiness, ops }: Parts): Promise<void> {
  readiness.draining();
  draining.begin();
  // Stops listening, waits for requests that run, then closes channels and database (onApplicationShutdown).
  await app.close();
  await ops.close();
}

import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Database, missingMigrations } from '#libs/database';
import { PrincipalTokens, SigningKeys } from '#libs/identity';
import { type Log, NestLogger, OpsServer, Readiness } from '#libs/service';
import { canGenerate } from '#libs/transcoding';
import type { Variables } from './config/config-file.js';
import { Deployments } from './deployments/deployments.js';
import { changedFixedParts } from './deployments/fixed-parts.js';
import { loadDeployment } from './deployments/load-deployment.js';
import { Reloads } from './deployments/reloads.js';
import type { GatewayEnvironment } from './environment.js';
import { GatewayModule, type GatewayOptions } from './gateway.module.js';
import { Handlers } from './handlers.js';
import { attach } from './http/attach.js';
import { healthRoutes } from './http/health.js';
import { OwnRoutes } from './http/own-routes.js';
import { serverOptions } from './http/server-options.js';
import { UnusedConnections } from './http/unused-connections.js';
import { AccessLog } from './observe/access-log.js';
import { errorRoutes } from './problems/error-pages.js';
import { referenceRoutes } from './reference/reference-routes.js';
import { Draining } from './streams/draining.js';

export interface RunningGateway {
  readonly app: NestFastifyApplication;
  readonly deployments: Deployments;
  /** `http://host:port` of the REST API. */
  readonly url: string;
  /** `http://host:port` of health checks, metrics and the public keys of principal tokens. */
  readonly opsUrl: string;
  /** Reads the configuration and all that it names again; resolves with whether it is served now. */
  reload(reason: string): Promise<boolean>;
  /** Answers what has come in, ends streams, then stops everything in order; a second call waits for the first. */
  stop(): Promise<void>;
}

/**
 * Starts the gateway without taking over the process. `variables` are what the configuration may name. Throws
 * ConfigRefused when the configuration or an API cannot be served as it is.
 */
export async function startGateway(env: GatewayEnvironment, variables: Variables, log: Log): Promise<RunningGateway> {
  const deployments = new Deployments(await loadDeployment(env.GATEWAY_CONFIG, variables));
  const { config } = deployments.current;
  if (config.codec === 'compiled' && !canGenerate()) {
    log.warn(
      {},
      'this process may not make code at run time: JSON goes by reflection, which costs several times the CPU',
    );
  }
  const readiness = new Readiness();
  const ops = new OpsServer({ listen: env.OPS_LISTEN ?? config.listen.ops, readiness });
  const opsUrl = await ops.listen();
  const app = await createApp({ deployments, log }).catch(async (error: unknown) => {
    await ops.close();
    throw error;
  });
  const reloads = new Reloads({
    deployments,
    log,
    readiness,
    file: env.GATEWAY_CONFIG,
    load: () => loadDeployment(env.GATEWAY_CONFIG, variables, (next) => changedFixedParts(config, next)),
  });
  const connections = new UnusedConnections(app.getHttpServer());
  const parts = { app, readiness, ops, reloads, connections, noticeMs: env.DRAIN_NOTICE_MS };
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= stopInOrder(parts);
    return stopping;
  };
  try {
    addChecks(app, deployments, readiness);
    ops.publishKeys(() => app.get(SigningKeys, { strict: false }).jwks());
    deployments.startFeeds(app.get(PrincipalTokens, { strict: false }), log);
    attachTo(app, deployments, readiness);
    const { port, host } = env.HTTP_LISTEN ?? config.listen.http;
    await app.listen(port, host);
  } catch (error) {
    await stop();
    throw error;
  }
  readiness.started();
  return { app, deployments, url: await app.getUrl(), opsUrl, reload: (reason) => reloads.reload(reason), stop };
}

async function createApp(options: GatewayOptions): Promise<NestFastifyApplication> {
  const { limits, trustedProxies } = options.deployments.current.config;
  return NestFactory.create<NestFastifyApplication>(
    GatewayModule.forRoot(options),
    new FastifyAdapter(serverOptions(limits, trustedProxies)),
    { logger: new NestLogger(options.log), abortOnError: false, bodyParser: false },
  );
}

function attachTo(app: NestFastifyApplication, deployments: Deployments, readiness: Readiness): void {
  attach(app.getHttpAdapter().getInstance(), {
    deployments,
    own: new OwnRoutes([...healthRoutes(readiness), ...errorRoutes(), ...referenceRoutes(() => deployments.current)]),
    draining: app.get(Draining),
    handlers: app.get(Handlers),
    accessLog: app.get(AccessLog),
    corsOrigins: deployments.current.config.corsOrigins,
  });
}

function addChecks(app: NestFastifyApplication, deployments: Deployments, readiness: Readiness): void {
  if (deployments.current.config.databaseUrl !== undefined) {
    readiness.add('database', async () => {
      const missing = await missingMigrations(app.get(Database, { strict: false }), 'apps/gateway');
      return missing.length > 0 ? `migrations are missing: ${missing.join(', ')}` : undefined;
    });
  }
  readiness.add('access token keys', () => deployments.accessTokens.problem());
  readiness.add('ended sessions', async () => deployments.sessionFeeds.problem());
  readiness.addUntilMet('upstreams', async () => {
    const unreachable = await deployments.channels.unreachable(deployments.current.upstreams);
    return unreachable.length > 0 ? `cannot be reached: ${unreachable.join(', ')}` : undefined;
  });
}

interface Parts {
  readonly app: NestFastifyApplication;
  readonly readiness: Readiness;
  readonly ops: OpsServer;
  readonly reloads: Reloads;
  readonly connections: UnusedConnections;
  readonly noticeMs: number;
}

async function stopInOrder({ app, readiness, ops, reloads, connections, noticeMs }: Parts): Promise<void> {
  const wasReady = readiness.draining();
  await reloads.close();
  const draining = app.get(Draining);
  draining.announce();
  // Balancers still send requests until they have seen it; who never was ready gets none.
  if (wasReady) await delay(noticeMs);
  draining.begin();
  // Stops listening, waits for requests that run, then closes channels and database (onApplicationShutdown).
  await connections.endWhile(app.close());
  await ops.close();
}

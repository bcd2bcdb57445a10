import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Database, missingMigrations } from '#libs/database';
import { PrincipalTokens, SigningKeys } from '#libs/identity';
import { Log, NestLogger, OpsServer, Readiness } from '#libs/service';
import { canGenerate } from '#libs/transcoding';
import type { Variables } from './config/config-file.js';
import { Deployments } from './deployments/deployments.js';
import { changedFixedParts } from './deployments/fixed-parts.js';
import { loadDeployment } from './deployments/load-deployment.js';
import { Reloads } from './deployments/reloads.js';
import type { GatewayEnvironment } from './environment.js';
import { GatewayModule, type GatewayOptions } from './gateway.module.js';
import { Handlers } from './handlers.js';
import { Edge } from './http/edge.js';
import { EdgeServer } from './http/edge-server.js';
import { healthRoutes } from './http/health.js';
import { OwnRoutes } from './http/own-routes.js';
import { AccessLog } from './observe/access-log.js';
import { errorRoutes } from './problems/error-pages.js';
import { referenceRoutes } from './reference/reference-routes.js';
import { Draining } from './streams/draining.js';

export interface RunningGateway {
  readonly app: INestApplicationContext;
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
  const server = serverOf(app, deployments, readiness);
  const reloads = new Reloads({
    deployments,
    log,
    readiness,
    file: env.GATEWAY_CONFIG,
    load: () => loadDeployment(env.GATEWAY_CONFIG, variables, (next) => changedFixedParts(config, next)),
    served: ({ certificate }) => server.use(certificate),
  });
  const parts = { app, readiness, ops, reloads, server, noticeMs: env.DRAIN_NOTICE_MS };
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= stopInOrder(parts);
    return stopping;
  };
  try {
    addChecks(app, deployments, readiness);
    ops.publishKeys(() => app.get(SigningKeys, { strict: false }).jwks());
    deployments.startFeeds(app.get(PrincipalTokens, { strict: false }), log);
    const url = await server.listen(env.HTTP_LISTEN ?? config.listen.http);
    readiness.started();
    return { app, deployments, url, opsUrl, reload: (reason) => reloads.reload(reason), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Nest has no HTTP server here: the edge calls its handlers. */
async function createApp(options: GatewayOptions): Promise<INestApplicationContext> {
  const logger = new NestLogger(options.log);
  return NestFactory.createApplicationContext(GatewayModule.forRoot(options), { logger, abortOnError: false });
}

function serverOf(app: INestApplicationContext, deployments: Deployments, readiness: Readiness): EdgeServer {
  const edge = new Edge({
    deployments,
    own: new OwnRoutes([...healthRoutes(readiness), ...errorRoutes(), ...referenceRoutes(() => deployments.current)]),
    draining: app.get(Draining),
    handlers: app.get(Handlers),
    accessLog: app.get(AccessLog),
    log: app.get(Log),
  });
  const { config, certificate } = deployments.current;
  const connectionsPerAddress = () => deployments.current.config.limits.connectionsPerAddress;
  const begin = edge.begin.bind(edge);
  const offersSocket = edge.offersSocket.bind(edge);
  return new EdgeServer({ config, certificate, connectionsPerAddress, begin, offersSocket });
}

function addChecks(app: INestApplicationContext, deployments: Deployments, readiness: Readiness): void {
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
  readonly app: INestApplicationContext;
  readonly readiness: Readiness;
  readonly ops: OpsServer;
  readonly reloads: Reloads;
  readonly server: EdgeServer;
  readonly noticeMs: number;
}

async function stopInOrder({ app, readiness, ops, reloads, server, noticeMs }: Parts): Promise<void> {
  const wasReady = readiness.draining();
  await reloads.close();
  const draining = app.get(Draining);
  draining.announce();
  // Balancers still send requests until they have seen it; who never was ready gets none.
  if (wasReady) await delay(noticeMs);
  draining.begin();
  await server.close();
  // Channels and database are closed when no request needs them any more.
  await app.close();
  await ops.close();
}

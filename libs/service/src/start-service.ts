import type { DescService } from '@bufbuild/protobuf';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SigningKeys } from '#libs/identity';
import { KafkaStrategy } from '#libs/messaging';
import { addAppChecks } from './app-checks.js';
import type { ServiceEnvironment } from './environment.js';
import { GrpcTransport } from './grpc-transport.js';
import type { Log } from './log.js';
import { NestLogger } from './nest-logger.js';
import { OpsPages } from './ops-pages.js';
import { OpsServer } from './ops-server.js';
import { provided } from './provided.js';
import { Readiness } from './readiness.js';
import { ServiceModule } from './service.module.js';

export interface ServiceOptions {
  /** Name of the app: audience of principal tokens, `service` in log lines, folder below `apps/`. */
  readonly name: string;
  readonly module: Type | DynamicModule;
  /** The gRPC services whose RPCs the module's controllers answer by `@Rpc`. */
  readonly services: readonly DescService[];
  readonly config: ServiceEnvironment;
}

export interface RunningService {
  readonly app: INestApplication;
  /** `host:port` */
  readonly grpcAddress: string;
  /** `http://host:port` of health checks and metrics. */
  readonly opsUrl: string;
  /** Lets running calls end, then stops everything in order; a second call waits for the first. */
  stop(): Promise<void>;
}

/** Starts a service without taking over the process: what `runService` runs, and what tests run on port 0. */
export async function startService(options: ServiceOptions, log: Log): Promise<RunningService> {
  const readiness = new Readiness();
  const pages = new OpsPages();
  const ops = new OpsServer({ listen: options.config.OPS_LISTEN, readiness, pages });
  const opsUrl = await ops.listen();
  const grpc = new GrpcTransport({ listen: options.config.GRPC_LISTEN, services: options.services });
  const parts: Parts = { log, readiness, pages, ops, grpc };
  const app = await createApp(options, parts).catch(async (error: unknown) => {
    await ops.close();
    throw error;
  });
  const stop = once(() => stopInOrder(app, parts));
  try {
    await app.init();
    await app.startAllMicroservices();
  } catch (error) {
    await stop();
    throw error;
  }
  readiness.started();
  return { app, grpcAddress: grpc.address, opsUrl, stop };
}

interface Parts {
  readonly log: Log;
  readonly readiness: Readiness;
  readonly pages: OpsPages;
  readonly ops: OpsServer;
  readonly grpc: GrpcTransport;
}

async function createApp(options: ServiceOptions, parts: Parts): Promise<INestApplication> {
  const { name, config } = options;
  const module = ServiceModule.forRoot({
    module: options.module,
    log: parts.log,
    readiness: parts.readiness,
    pages: parts.pages,
    identity: { audience: name, trustedCallers: config.TRUSTED_CALLERS },
  });
  // Nest's way to several transports is an HTTP application with microservices; its HTTP side never listens.
  const app = await NestFactory.create(module, new FastifyAdapter(), {
    logger: new NestLogger(parts.log),
    abortOnError: false,
  });
  // The guards, filter and interceptor of ServiceModule are for gRPC calls alone: messages have no caller to answer.
  app.connectMicroservice({ strategy: parts.grpc }, { inheritAppConfig: true });
  const consumers = provided(app, KafkaStrategy);
  if (consumers) app.connectMicroservice({ strategy: consumers }, { inheritAppConfig: false });
  addAppChecks(app, parts.readiness, name);
  const keys = provided(app, SigningKeys);
  if (keys) parts.ops.publishKeys(() => keys.jwks());
  return app;
}

async function stopInOrder(app: INestApplication, { readiness, ops, grpc }: Parts): Promise<void> {
  readiness.draining();
  await Promise.all([grpc.close(), provided(app, KafkaStrategy)?.close()]);
  // Nest's shutdown hooks: the outbox relay sends what the last calls and messages wrote, then the database closes.
  await app.close();
  await ops.close();
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work();
    return running;
  };
}

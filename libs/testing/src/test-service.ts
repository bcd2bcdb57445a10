import type { DescService } from '@bufbuild/protobuf';
import type { DynamicModule } from '@nestjs/common';
import type { z } from 'zod';
import type { CallFor } from '#libs/identity';
import type { GrpcClient, RunningService, ServiceEnvironment } from '#libs/service';
import { type TestCaller, testCaller } from './test-caller.js';
import { type TestDatabase, testDatabase } from './test-database.js';
import { type TestKafka, testKafka } from './test-kafka.js';

export interface TestServiceOptions<S extends z.ZodObject> {
  /** Name of the app, e.g. `users`. */
  readonly name: string;
  readonly services: readonly DescService[];
  readonly environment: S;
  readonly module: (config: z.output<S>) => DynamicModule;
  /** Variables beside those that every service needs, which are set already. */
  readonly env?: Readonly<Record<string, string>>;
}

/** An app as it runs in production, on a database and topics of its own and on free ports. */
export interface TestService extends RunningService {
  readonly database: TestDatabase;
  readonly kafka: TestKafka;
  readonly caller: TestCaller;
  /** Every line it has logged, as JSON, at level debug. */
  readonly logs: readonly string[];
  /** A client that calls as the gateway does, for the given principal; closed with the service. */
  client<T extends DescService>(service: T, as: CallFor): GrpcClient<T>;
  /** Stops the app and drops its database. */
  close(): Promise<void>;
}

/** Boots an app for one test file. */
export async function testService<S extends z.ZodObject>(options: TestServiceOptions<S>): Promise<TestService> {
  // Loaded here: tests of libraries need not load all that a service is made of.
  const { createLogger, grpcClient, loadConfig, startService } = await import('#libs/service');
  const [database, kafka, caller] = await Promise.all([testDatabase(options.name), testKafka(), testCaller()]);
  const env = { ...commonVariables({ database, kafka, caller }), ...options.env };
  const config = loadConfig(options.environment, env) as z.output<S> & ServiceEnvironment;
  const logs: string[] = [];
  const destination = { write: (line: string) => void logs.push(line) };
  const log = await createLogger({ name: options.name, level: 'debug', format: 'json', destination });
  const { name, services } = options;
  const running = await startService({ name, services, module: options.module(config), config }, log);
  const clients: { close(): void }[] = [];
  const client = <T extends DescService>(service: T, as: CallFor): GrpcClient<T> => {
    const tokens = { mint: (callFor: CallFor, audience: string) => caller.token({ ...callFor, audience }) };
    const made = grpcClient(service, running.grpcAddress, { tokens, audience: name, as });
    clients.push(made);
    return made;
  };
  const close = async () => {
    for (const opened of clients) opened.close();
    await running.stop();
    await caller.close();
    await database.close();
  };
  return { ...running, database, kafka, caller, logs, client, close };
}

function commonVariables(parts: {
  database: TestDatabase;
  kafka: TestKafka;
  caller: TestCaller;
}): Record<string, string> {
  return {
    OPS_LISTEN: '127.0.0.1:0',
    GRPC_LISTEN: '127.0.0.1:0',
    DATABASE_URL: parts.database.url,
    KAFKA_BROKERS: parts.kafka.brokers,
    KAFKA_TOPIC_PREFIX: parts.kafka.topicPrefix,
    TRUSTED_CALLERS: parts.caller.trustedCallers,
  };
}

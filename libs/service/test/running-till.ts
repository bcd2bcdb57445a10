import { Module } from '@nestjs/common';
import { Orders } from '#libs/contracts';
import type { CallFor } from '#libs/identity';
import { type TestCaller, testCaller } from '#libs/testing';
import {
  createLogger,
  type GrpcClient,
  grpcClient,
  loadConfig,
  type RunningService,
  serviceEnvironment,
  startService,
} from '../src/index.js';
import { Till } from './till.js';

@Module({ controllers: [Till] })
export class TillModule {}

export const customer: CallFor = { subject: 'customer-1', scopes: ['orders:read', 'orders:write'] };

/** A service with the handlers of `Till`, and a client of it that calls as the gateway would. */
export class RunningTill {
  static async start(): Promise<RunningTill> {
    const caller = await testCaller();
    const config = loadConfig(serviceEnvironment, {
      OPS_LISTEN: '127.0.0.1:0',
      GRPC_LISTEN: '127.0.0.1:0',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      KAFKA_BROKERS: '127.0.0.1:1',
      TRUSTED_CALLERS: caller.trustedCallers,
    });
    const logs: string[] = [];
    const destination = { write: (line: string) => void logs.push(line) };
    const log = await createLogger({ name: 'orders', level: 'debug', format: 'json', destination });
    const service = await startService({ name: 'orders', module: TillModule, services: [Orders], config }, log);
    return new RunningTill(service, caller, logs);
  }

  readonly client: GrpcClient<typeof Orders>;

  private constructor(
    readonly service: RunningService,
    readonly caller: TestCaller,
    readonly logs: readonly string[],
  ) {
    const tokens = { mint: (as: CallFor, audience: string) => caller.token({ ...as, audience }) };
    this.client = grpcClient(Orders, service.grpcAddress, { tokens, audience: 'orders', as: customer });
  }

  get till(): Till {
    return this.service.app.get(Till);
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.service.stop();
    await this.caller.close();
  }
}

import { randomUUID } from 'node:crypto';
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import type { INestApplication } from '@nestjs/common';
import pg from 'pg';
import * as contracts from '#libs/contracts';
import { channelOf } from '#libs/contracts';
import { Database } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { type TestDatabase, type TestKafka, testDatabase, testKafka, until } from '#libs/testing';
import { SagaEngine } from '../src/saga-engine.js';
import type { SampleData } from '../src/sample-saga.js';
import type { SagaTable } from '../src/table.js';
import { repliesOf } from '../src/table.js';
import { closeMessageApp, messageApp } from './message-app.js';

/** The commands of the sample saga and of longer ones, with the answers that bring it to its good end. */
const WAY = new Map<DescMessage, DescMessage>([
  [contracts.ReserveStockSchema, contracts.StockReservedSchema],
  [contracts.AuthorizePaymentSchema, contracts.PaymentAuthorizedSchema],
  [contracts.HoldStockSchema, contracts.StockHeldSchema],
  [contracts.CapturePaymentSchema, contracts.PaymentCapturedSchema],
  [contracts.ClaimStockSchema, contracts.StockClaimedSchema],
]);

/** One process that keeps the saga, with the tables of its release. */
export interface Replica {
  readonly engine: SagaEngine<SampleData>;
  readonly warnings: readonly string[];
  /** Ids of new instances. */
  begin(count: number): Promise<string[]>;
  close(): Promise<void>;
}

/** Replicas of one service on one database and one consumer group, and the service that answers them. */
export class SagaStage {
  /** Types of the commands that came, by instance. */
  readonly commands = new Map<string, string[]>();
  private readonly replicas: Replica[] = [];
  private partner: INestApplication | undefined;
  private readonly answering = Promise.withResolvers<void>();

  private constructor(
    private readonly kafka: TestKafka,
    private readonly databases: { orders: TestDatabase; partner: TestDatabase },
    private readonly admin: pg.Pool,
  ) {}

  static async open(): Promise<SagaStage> {
    const [kafka, orders, partner] = await Promise.all([
      testKafka(),
      testDatabase('orders'),
      testDatabase('inventory'),
    ]);
    const admin = new pg.Pool({ connectionString: orders.adminUrl, options: '-c search_path=orders', max: 2 });
    const stage = new SagaStage(kafka, { orders, partner }, admin);
    stage.partner = await messageApp({
      service: 'partner',
      databaseUrl: partner.url,
      kafka,
      handled: [...WAY.keys()],
      handle: (message, value) => stage.answer(message, String(Reflect.get(value, 'orderId'))),
    });
    return stage;
  }

  /** Until then commands pile up. */
  letPartnerAnswer(): void {
    this.answering.resolve();
  }

  async replica(tables: readonly SagaTable<SampleData>[]): Promise<Replica> {
    const warnings: string[] = [];
    const silent = () => {};
    const logger = { log: silent, error: silent, warn: (line: unknown) => void warnings.push(String(line)) };
    const engine: { current?: SagaEngine<SampleData> } = {};
    const app = await messageApp({
      service: 'orders',
      databaseUrl: this.databases.orders.url,
      kafka: this.kafka,
      logger,
      handled: [...new Set(tables.flatMap(repliesOf))],
      handle: async (message, value) => engine.current?.reply(String(Reflect.get(value, 'orderId')), message, value),
    });
    const database: Database = app.get(Database);
    const options = { service: 'orders', database: database.withTables(), outbox: app.get(Outbox), tables };
    const made = new SagaEngine({ ...options, finish: async () => {} });
    engine.current = made;
    const begin = async (count: number) => {
      const ids = Array.from({ length: count }, () => randomUUID());
      for (const orderId of ids) await made.start(orderId, { orderId, paymentMethod: 'pm_card_visa' }, 300);
      return ids;
    };
    const replica = { engine: made, warnings, begin, close: () => closeMessageApp(app) };
    this.replicas.push(replica);
    return replica;
  }

  /** Stops one in order. */
  async stop(replica: Replica): Promise<void> {
    this.replicas.splice(this.replicas.indexOf(replica), 1);
    await replica.close();
  }

  async completed(ids: readonly string[]): Promise<void> {
    const open = `SELECT count(*)::int AS count FROM saga_instances WHERE id = ANY($1) AND state->>'phase' <> 'completed'`;
    await until(async () => (await this.rows<{ count: number }>(open, ids))[0]?.count === 0, {
      ...{ what: `${ids.length} instances to complete`, timeout: 60_000 },
    });
  }

  async rows<T extends pg.QueryResultRow>(sql: string, ...values: unknown[]): Promise<T[]> {
    return (await this.admin.query<T>(sql, values)).rows;
  }

  async close(): Promise<void> {
    this.letPartnerAnswer();
    for (const replica of this.replicas) await replica.close();
    if (this.partner) await closeMessageApp(this.partner);
    await this.admin.end();
    await Promise.all([this.databases.orders.close(), this.databases.partner.close()]);
  }

  private async answer(command: DescMessage, orderId: string): Promise<void> {
    await this.answering.promise;
    const reply = WAY.get(command);
    if (!reply || !this.partner) throw new Error(`nobody answers ${command.name}`);
    this.commands.set(orderId, [...(this.commands.get(orderId) ?? []), channelOf(command).type]);
    const content: MessageInitShape<DescMessage> = { orderId } as never;
    await this.partner.get(Outbox).publish(reply, content);
  }
}

import { randomUUID } from 'node:crypto';
import type { DescMessage } from '@bufbuild/protobuf';
import pg from 'pg';
import {
  AuthorizePaymentSchema,
  CapturePaymentSchema,
  ClaimStockSchema,
  HoldStockSchema,
  type Order,
  Order_State,
  Orders,
  PaymentAuthorizedSchema,
  PaymentCapturedSchema,
  ProductCreatedSchema,
  ReserveStockSchema,
  StockClaimedSchema,
  StockHeldSchema,
  StockReservedSchema,
} from '#libs/contracts';
import { type TestService, testService, until } from '#libs/testing';
import { ordersEnvironment } from '../src/config.js';
import { OrdersModule } from '../src/orders.module.js';
import { Customer } from './customer.js';
import { InventoryStandIn } from './inventory-stand-in.js';
import { Partner } from './partner.js';

/** The commands of place-order with the answers that bring it to its good end. */
const WAY = [
  [ReserveStockSchema, StockReservedSchema],
  [AuthorizePaymentSchema, PaymentAuthorizedSchema],
  [HoldStockSchema, StockHeldSchema],
  [CapturePaymentSchema, PaymentCapturedSchema],
  [ClaimStockSchema, StockClaimedSchema],
] as const;

/** The orders service as it runs in production, with a real database and broker, among stand-ins that tests direct. */
export class Stage {
  private readonly customers: Customer[] = [];

  private constructor(
    readonly service: TestService,
    readonly partner: Partner,
    readonly inventory: InventoryStandIn,
    readonly admin: pg.Pool,
  ) {}

  static async open(env: Record<string, string> = {}): Promise<Stage> {
    const inventory = new InventoryStandIn();
    await inventory.start();
    const service = await testService({
      name: 'orders',
      services: [Orders],
      environment: ordersEnvironment,
      module: (config) => OrdersModule.forRoot(config),
      env: { INVENTORY_ADDRESS: inventory.address, ...env },
    });
    const partner = await Partner.open(service.kafka);
    const admin = new pg.Pool({
      connectionString: service.database.adminUrl,
      options: '-c search_path=orders',
      max: 4,
    });
    const stage = new Stage(service, partner, inventory, admin);
    await until(() => fetch(`${service.opsUrl}/readyz`).then((answer) => answer.ok), {
      what: 'readiness',
      timeout: 30_000,
    });
    await stage.catalogue('tea', 450n);
    await stage.catalogue('pot', 2500n);
    return stage;
  }

  /** Tells of a product as inventory does, and waits until orders knows it. */
  async catalogue(sku: string, minorUnits: bigint, { currencyCode = 'USD', version = 1n } = {}): Promise<void> {
    await this.partner.says(ProductCreatedSchema, {
      sku,
      title: `The ${sku}`,
      price: { currencyCode, minorUnits },
      version,
    });
    await until(async () => (await this.rows('SELECT 1 FROM products WHERE sku = $1', sku)).length === 1, {
      what: `the product ${sku}`,
    });
  }

  customer(subject: string = randomUUID(), scopes?: string): Customer {
    const { grpcAddress, caller } = this.service;
    const customer = new Customer(grpcAddress, caller, subject, scopes);
    this.customers.push(customer);
    return customer;
  }

  async rows(sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
    return (await this.admin.query(sql, values)).rows;
  }

  /** Answers what the order asks for, step by step, until `last` was told. */
  async lead(orderId: string, last: DescMessage): Promise<void> {
    for (const [command, reply] of WAY) {
      await this.partner.told(command, orderId);
      if (command === last) return;
      await this.partner.says(reply, { orderId });
    }
  }

  /** A confirmed order of a pot and a tea: 2950 cents. */
  async confirmed(customer: Customer): Promise<Order> {
    const lines = [
      { sku: 'pot', quantity: 1 },
      { sku: 'tea', quantity: 1 },
    ];
    const { id } = await customer.place({ lines });
    await this.lead(id, ClaimStockSchema);
    await this.partner.says(StockClaimedSchema, { orderId: id });
    return this.end(customer, id);
  }

  /** The order, once it is terminal. */
  async end(customer: Customer, id: string): Promise<Order> {
    return until(
      async () => {
        const order = await customer.get(id);
        return order.state !== Order_State.PENDING && order;
      },
      { what: `the end of ${id}` },
    );
  }

  async close(): Promise<void> {
    for (const customer of this.customers) customer.close();
    await this.partner.close();
    this.inventory.stop();
    await this.admin.end();
    await this.service.close();
  }
}

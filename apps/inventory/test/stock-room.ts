import { randomUUID } from 'node:crypto';
import { create, fromBinary } from '@bufbuild/protobuf';
import pg from 'pg';
import { ProductSchema, StockRanLowSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { type MessagingTables, Outbox } from '#libs/messaging';
import { createLogger, type Log } from '#libs/service';
import type { TestDatabase } from '#libs/testing';
import { inventoryRules } from '../../../test/invariants/inventory.js';
import { checkRules, type Violation } from '../../../test/invariants/rule.js';
import { ProductStore } from '../src/catalogue/product.store.js';
import { UpdateProduct } from '../src/catalogue/update-product.js';
import { ExpirySweeper } from '../src/reservations/expiry-sweeper.js';
import { ReservationStore } from '../src/reservations/reservation.store.js';
import { ReservationMetrics } from '../src/reservations/reservation-metrics.js';
import { Reservations } from '../src/reservations/reservations.js';
import type { Wish } from '../src/reservations/wish.js';
import { AdjustStock } from '../src/stock/adjust-stock.js';
import { LowStock } from '../src/stock/low-stock.js';
import { type Adjustment, StockStore } from '../src/stock/stock.store.js';
import type { InventoryTables } from '../src/tables.js';

/** Messages stay in the outbox. */
const NO_RELAY = { notify() {} } as ConstructorParameters<typeof Outbox>[2];

/** Reservations straight on a database, without messages, and a look at its tables. */
export class StockRoom {
  readonly database: Database<InventoryTables>;
  readonly reservations: Reservations;
  private readonly adjustments: AdjustStock;
  private readonly changes: UpdateProduct;

  private constructor(
    url: string,
    readonly admin: pg.Pool,
    private readonly log: Log,
  ) {
    this.database = new Database({ url, applicationName: 'inventory', maxConnections: 16 });
    const database = this.database.withTables<unknown>();
    const stock = new StockStore(this.database);
    const outbox = new Outbox('inventory', this.database.withTables<MessagingTables>(), NO_RELAY);
    const lowStock = new LowStock(database, outbox, log);
    this.adjustments = new AdjustStock(database, stock, lowStock, outbox);
    this.changes = new UpdateProduct(database, new ProductStore(this.database), stock, lowStock, outbox);
    this.reservations = new Reservations(
      database,
      new ReservationStore(this.database),
      new ReservationMetrics(),
      lowStock,
    );
  }

  static async open({ url, adminUrl }: TestDatabase): Promise<StockRoom> {
    const admin = new pg.Pool({ connectionString: adminUrl, options: '-c search_path=inventory', max: 4 });
    return new StockRoom(url, admin, await createLogger({ name: 'inventory', level: 'silent', format: 'json' }));
  }

  /** As one more replica would have it. */
  sweeper(): ExpirySweeper {
    return new ExpirySweeper(this.reservations, this.log);
  }

  /** A product of its own for a test, with units in the given warehouses. */
  async product(units: Readonly<Record<string, number>>, sku = `sku-${randomUUID()}`): Promise<string> {
    await this.admin.query(
      `INSERT INTO products (sku, title, description, currency_code, minor_units, tags, image_url)
       VALUES ($1, 'A thing', '', 'USD', 100, '{}', '')`,
      [sku],
    );
    for (const [warehouse, delta] of Object.entries(units)) {
      await this.admin.query('INSERT INTO warehouses VALUES ($1) ON CONFLICT DO NOTHING', [warehouse]);
      if (delta) await this.adjust({ sku, warehouse, delta, reason: 'test' });
    }
    return sku;
  }

  adjust(adjustment: Adjustment): Promise<void> {
    return this.adjustments.adjust(adjustment);
  }

  /** Sets the number of units at which a StockRanLow tells; undefined: none does. */
  async setThreshold(sku: string, lowStockThreshold: number | undefined): Promise<void> {
    const product = create(ProductSchema, { sku, ...(lowStockThreshold === undefined ? {} : { lowStockThreshold }) });
    await this.changes.update(product, ['low_stock_threshold']);
  }

  /** What was told about a product running low, oldest first: messages that wait in the outbox, for no relay runs here. */
  async toldLow(sku: string): Promise<{ available: number; threshold: number }[]> {
    const { rows } = await this.admin.query(
      `SELECT payload FROM outbox WHERE aggregateid = $1 AND type = 'inventory.StockRanLow.v1' ORDER BY seq`,
      [sku],
    );
    return rows.map(({ payload }) => {
      const { available, threshold } = fromBinary(StockRanLowSchema, payload);
      return { available, threshold };
    });
  }

  /** The sum of a product's counters over all warehouses. */
  async count(sku: string): Promise<{ available: number; reserved: number; sold: number }> {
    const { rows } = await this.admin.query(
      `SELECT sum(available)::integer AS available, sum(reserved)::integer AS reserved, sum(sold)::integer AS sold
       FROM stock WHERE sku = $1`,
      [sku],
    );
    return rows[0];
  }

  async state(orderId: string): Promise<string | undefined> {
    const { rows } = await this.admin.query('SELECT state FROM reservations WHERE order_id = $1', [orderId]);
    return rows[0]?.state;
  }

  /** Lets the database's clock pass the reservation's time, by moving that time. */
  async makeDue(...orderIds: string[]): Promise<void> {
    await this.admin.query(
      `UPDATE reservations SET expire_time = clock_timestamp() - interval '1 millisecond' WHERE order_id = ANY($1)`,
      [orderIds],
    );
  }

  async violations(): Promise<Violation[]> {
    const client = await this.admin.connect();
    try {
      return await checkRules(client, inventoryRules());
    } finally {
      client.release();
    }
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.admin.end();
  }
}

/** An order's wish for units, `{ kettle: 2 }`. */
export function wish(lines: Readonly<Record<string, number>>, more: Partial<Wish> = {}): Wish {
  return {
    orderId: randomUUID(),
    customerId: 'a customer',
    lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity })),
    ttlMs: 600_000,
    ...more,
  };
}

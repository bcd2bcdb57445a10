import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Database } from '#libs/database';
import { createLogger, type Log } from '#libs/service';
import type { TestDatabase } from '#libs/testing';
import { inventoryRules } from '../../../test/invariants/inventory.js';
import { checkRules, type Violation } from '../../../test/invariants/rule.js';
import { ExpirySweeper } from '../src/reservations/expiry-sweeper.js';
import { ReservationStore } from '../src/reservations/reservation.store.js';
import { ReservationMetrics } from '../src/reservations/reservation-metrics.js';
import { Reservations } from '../src/reservations/reservations.js';
import type { Wish } from '../src/reservations/wish.js';
import { type Adjustment, StockStore } from '../src/stock/stock.store.js';
import type { InventoryTables } from '../src/tables.js';

/** Reservations straight on a database, without messages, and a look at its tables. */
export class StockRoom {
  readonly database: Database<InventoryTables>;
  readonly reservations: Reservations;
  readonly stock: StockStore;

  private constructor(
    url: string,
    readonly admin: pg.Pool,
    private readonly log: Log,
  ) {
    this.database = new Database({ url, applicationName: 'inventory', maxConnections: 16 });
    this.stock = new StockStore(this.database);
    this.reservations = new Reservations(
      this.database.withTables<unknown>(),
      new ReservationStore(this.database),
      new ReservationMetrics(),
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

  adjust(adjustment: Adjustment): Promise<number | undefined> {
    return this.database.transaction(() => this.stock.adjust(adjustment));
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

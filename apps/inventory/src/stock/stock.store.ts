import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database } from '#libs/database';
import type { InventoryTables } from '../tables.js';

/** One change of the stocked units, asked for by a person. */
export interface Adjustment {
  readonly sku: string;
  readonly warehouse: string;
  readonly delta: number;
  readonly reason: string;
}

/** The counters of a product in one warehouse. */
export type Level = Selectable<InventoryTables['stock']>;

export interface StockTotals {
  stocked: number;
  reserved: number;
  sold: number;
  available: number;
}

/** The counters per sku and warehouse. Those of reservations are moved by ReservationStore. */
@Injectable()
export class StockStore {
  constructor(private readonly database: Database<InventoryTables>) {}

  /** Locks the product, so that its events leave in the order of its changes. Resolves to false where there is none. */
  async lockProduct(sku: string): Promise<boolean> {
    const row = await this.database.db
      .selectFrom('products')
      .select('sku')
      .where('sku', '=', sku)
      .forNoKeyUpdate()
      .executeTakeFirst();
    return row !== undefined;
  }

  async hasWarehouse(name: string): Promise<boolean> {
    const row = await this.database.db
      .selectFrom('warehouses')
      .select('name')
      .where('name', '=', name)
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * The product's rows of all warehouses, locked in the order in which reservations lock them; the one in `warehouse` is
   * made where there is none. Lock the product first: the new row takes its threshold.
   */
  async lockLevels({ sku, warehouse }: { sku: string; warehouse: string }): Promise<Level[]> {
    const { db } = this.database;
    const threshold = db.selectFrom('products').select('low_stock_threshold').where('sku', '=', sku);
    await db
      .insertInto('stock')
      .values({ sku, warehouse, low_at: threshold })
      .onConflict((conflict) => conflict.columns(['sku', 'warehouse']).doNothing())
      .execute();
    return this.lockRows(sku);
  }

  /** Changes the stocked units of a locked row and logs the movement with the event that tells of it. */
  async adjust({ sku, warehouse, delta, reason }: Adjustment, eventId: string): Promise<void> {
    const { db } = this.database;
    await db
      .updateTable('stock')
      .set({ stocked: sql`stocked + ${delta}` })
      .where('sku', '=', sku)
      .where('warehouse', '=', warehouse)
      .execute();
    await db
      .insertInto('stock_movements')
      .values({ sku, warehouse, kind: 'adjust', quantity: delta, reason, event_id: eventId })
      .execute();
  }

  /** Whether the adjustment that an event tells of is in the log. */
  async knows(eventId: string): Promise<boolean> {
    const row = await this.database.db
      .selectFrom('stock_movements')
      .select('id')
      .where('event_id', '=', eventId)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Writes the threshold of a locked product to its rows. Resolves to what is available over all warehouses. */
  async setThreshold(sku: string, threshold: number | undefined): Promise<number> {
    const levels = await this.lockRows(sku);
    await this.database.db
      .updateTable('stock')
      .set({ low_at: threshold ?? null })
      .where('sku', '=', sku)
      .execute();
    return levels.reduce((sum, { available }) => sum + available, 0);
  }

  /** The product's units, by warehouse. */
  async levels(sku: string): Promise<Level[]> {
    return this.selectLevels(sku).execute();
  }

  private async lockRows(sku: string): Promise<Level[]> {
    return this.selectLevels(sku).forNoKeyUpdate().execute();
  }

  private selectLevels(sku: string) {
    return this.database.db.selectFrom('stock').selectAll().where('sku', '=', sku).orderBy('warehouse');
  }

  /** Units over all products and warehouses. */
  async totals(): Promise<StockTotals> {
    const sum = (column: keyof StockTotals) => sql<string>`COALESCE(sum(${sql.ref(column)}), 0)`.as(column);
    const row = await this.database.db
      .selectFrom('stock')
      .select([sum('stocked'), sum('reserved'), sum('sold'), sum('available')])
      .executeTakeFirstOrThrow();
    return {
      stocked: Number(row.stocked),
      reserved: Number(row.reserved),
      sold: Number(row.sold),
      available: Number(row.available),
    };
  }
}

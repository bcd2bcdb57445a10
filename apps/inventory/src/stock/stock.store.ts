import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { Database } from '#libs/database';
import type { InventoryTables } from '../tables.js';

/** One change of the stocked units, asked for by a person. */
export interface Adjustment {
  readonly sku: string;
  readonly warehouse: string;
  readonly delta: number;
  readonly reason: string;
}

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
   * Changes the stocked units and logs the movement. Resolves to what can be reserved afterwards, or to undefined,
   * with nothing changed, where that would be negative.
   */
  async adjust({ sku, warehouse, delta, reason }: Adjustment): Promise<number | undefined> {
    const { db } = this.database;
    const place = { sku, warehouse };
    await db
      .insertInto('stock')
      .values(place)
      .onConflict((conflict) => conflict.columns(['sku', 'warehouse']).doNothing())
      .execute();
    const changed = await db
      .updateTable('stock')
      .set({ stocked: sql`stocked + ${delta}` })
      .where('sku', '=', sku)
      .where('warehouse', '=', warehouse)
      .where(sql<boolean>`available + ${delta} >= 0`)
      .returning('available')
      .executeTakeFirst();
    if (!changed) return undefined;
    await db
      .insertInto('stock_movements')
      .values({ ...place, kind: 'adjust', quantity: delta, reason })
      .execute();
    return changed.available;
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

import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';
import { Database } from '#libs/database';
import type { InventoryTables } from '../tables.js';
import type { NewProduct, Product } from './product.js';

@Injectable()
export class ProductStore {
  constructor(private readonly database: Database<InventoryTables>) {}

  /** Resolves to undefined when the sku is taken. */
  async insert({ price, imageUrl, tags, ...same }: NewProduct): Promise<Product | undefined> {
    const row = await this.database.db
      .insertInto('products')
      .values({
        ...same,
        tags: [...tags],
        currency_code: price.currencyCode,
        minor_units: price.minorUnits,
        image_url: imageUrl,
      })
      .onConflict((conflict) => conflict.column('sku').doNothing())
      .returningAll()
      .executeTakeFirst();
    return row && toProduct({ ...row, available: 0 });
  }

  async find(sku: string): Promise<Product | undefined> {
    const row = await this.selectProducts().where('sku', '=', sku).executeTakeFirst();
    return row && toProduct(row);
  }

  /** At most `limit` products whose sku comes after `sku`, by sku. */
  async listAfter(sku: string, limit: number): Promise<Product[]> {
    const rows = await this.selectProducts().where('sku', '>', sku).orderBy('sku').limit(limit).execute();
    return rows.map(toProduct);
  }

  private selectProducts() {
    return this.database.db
      .selectFrom('products')
      .selectAll('products')
      .select(
        // Product.available is an int32, and a sum over warehouses may be more.
        sql<number>`LEAST(2147483647, COALESCE(
          (SELECT sum(stock.available) FROM stock WHERE stock.sku = products.sku), 0))::integer`.as('available'),
      );
  }
}

function toProduct(row: Selectable<InventoryTables['products']> & { available: number }): Product {
  return {
    sku: row.sku,
    title: row.title,
    description: row.description,
    price: { currencyCode: row.currency_code, minorUnits: BigInt(row.minor_units) },
    tags: row.tags,
    imageUrl: row.image_url,
    version: BigInt(row.version),
    available: row.available,
    createTime: row.create_time,
    updateTime: row.update_time,
  };
}

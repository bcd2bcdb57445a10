import { Injectable } from '@nestjs/common';
import { type Kysely, type Selectable, sql } from 'kysely';
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
      .returning(COLUMNS)
      .executeTakeFirst();
    return row && toProduct({ ...row, available: 0 });
  }

  async find(sku: string): Promise<Product | undefined> {
    const row = await productColumns(this.database.db).where('sku', '=', sku).executeTakeFirst();
    return row && toProduct(row);
  }
}

// Product.available is an int32, and a sum over warehouses may be more.
export const available = sql<number>`LEAST(2147483647, COALESCE(
  (SELECT sum(stock.available) FROM stock WHERE stock.sku = products.sku), 0))::integer`;

/** Products with all that `toProduct` needs. */
export function productColumns(db: Kysely<InventoryTables>) {
  return db.selectFrom('products').select(COLUMNS).select(available.as('available'));
}

const COLUMNS = [
  ...(['sku', 'title', 'description', 'currency_code', 'minor_units', 'tags', 'image_url'] as const),
  ...(['version', 'create_time', 'update_time'] as const),
].map((column) => `products.${column}` as const);

type ProductRow = Selectable<InventoryTables['products']> & { available: number };

export function toProduct(row: ProductRow): Product {
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

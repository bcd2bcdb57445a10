import { Injectable } from '@nestjs/common';
import { type Kysely, type Selectable, sql } from 'kysely';
import { Database } from '#libs/database';
import type { InventoryTables } from '../tables.js';
import type { NewProduct, Product, ProductDetails } from './product.js';

@Injectable()
export class ProductStore {
  constructor(private readonly database: Database<InventoryTables>) {}

  /** Resolves to undefined when the sku is taken. */
  async insert({ sku, ...details }: NewProduct): Promise<Product | undefined> {
    const row = await this.database.db
      .insertInto('products')
      .values({ sku, ...rowOf(details) })
      .onConflict((conflict) => conflict.column('sku').doNothing())
      .returning(COLUMNS)
      .executeTakeFirst();
    return row && toProduct({ ...row, available: 0 });
  }

  async find(sku: string): Promise<Product | undefined> {
    const row = await productColumns(this.database.db).where('sku', '=', sku).executeTakeFirst();
    return row && toProduct(row);
  }

  /** The product, locked: its events leave in the order of its changes. */
  async lock(sku: string): Promise<Product | undefined> {
    const row = await productColumns(this.database.db)
      .where('sku', '=', sku)
      .forNoKeyUpdate('products')
      .executeTakeFirst();
    return row && toProduct(row);
  }

  /** Writes all details of a locked product as its next version. */
  async update(sku: string, details: ProductDetails): Promise<Product> {
    await this.database.db
      .updateTable('products')
      .set({ ...rowOf(details), version: sql`version + 1`, update_time: sql`clock_timestamp()` })
      .where('sku', '=', sku)
      .execute();
    return toProduct(await productColumns(this.database.db).where('sku', '=', sku).executeTakeFirstOrThrow());
  }

  /** Writes what an event told of a later version than the one that is there. Resolves to whether it was later. */
  async catchUp({
    sku,
    title,
    price,
    version,
  }: Pick<Product, 'sku' | 'title' | 'price' | 'version'>): Promise<boolean> {
    const updated = await this.database.db
      .updateTable('products')
      .set({ title, currency_code: price.currencyCode, minor_units: price.minorUnits, version })
      .where('sku', '=', sku)
      .where(sql<boolean>`version < ${version}`)
      .executeTakeFirst();
    return updated.numUpdatedRows > 0n;
  }
}

function rowOf({ price, imageUrl, tags, lowStockThreshold, ...same }: ProductDetails) {
  return {
    ...same,
    tags: [...tags],
    currency_code: price.currencyCode,
    minor_units: price.minorUnits,
    image_url: imageUrl,
    low_stock_threshold: lowStockThreshold ?? null,
  };
}

// Product.available is an int32, and a sum over warehouses may be more.
export const available = sql<number>`LEAST(2147483647, COALESCE(
  (SELECT sum(stock.available) FROM stock WHERE stock.sku = products.sku), 0))::integer`;

/** Products with all that `toProduct` needs. */
export function productColumns(db: Kysely<InventoryTables>) {
  return db.selectFrom('products').select(COLUMNS).select(available.as('available'));
}

const COLUMNS = [
  ...([
    'sku',
    'title',
    'description',
    'currency_code',
    'minor_units',
    'tags',
    'image_url',
    'low_stock_threshold',
  ] as const),
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
    lowStockThreshold: row.low_stock_threshold ?? undefined,
    version: BigInt(row.version),
    available: row.available,
    createTime: row.create_time,
    updateTime: row.update_time,
  };
}

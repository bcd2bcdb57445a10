import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import type { Product } from '../place-order/price-lines.js';

/** The table of migrations/0002_products.sql. */
export interface ProductTables {
  products: {
    sku: string;
    title: string;
    currency_code: string;
    price_minor_units: bigint;
    version: bigint;
  };
}

/** What orders knows of the catalogue, so that orders are accepted while inventory is away. */
@Injectable()
export class ProductStore {
  constructor(private readonly database: Database<ProductTables>) {}

  /** Keeps the product, unless a version that is as new or newer is there. */
  async save(product: Product, version: bigint): Promise<void> {
    const row = {
      title: product.title,
      currency_code: product.price.currencyCode,
      price_minor_units: product.price.minorUnits,
      version,
    };
    await this.database.db
      .insertInto('products')
      .values({ sku: product.sku, ...row })
      .onConflict((conflict) => conflict.column('sku').doUpdateSet(row).where('products.version', '<', version))
      .execute();
  }

  async find(skus: readonly string[]): Promise<Map<string, Product>> {
    const rows = await this.database.db
      .selectFrom('products')
      .select(['sku', 'title', 'currency_code', 'price_minor_units'])
      .where('sku', 'in', [...skus])
      .execute();
    const products = rows.map(
      ({ sku, title, currency_code, price_minor_units }): Product => ({
        sku,
        title,
        price: { currencyCode: currency_code, minorUnits: price_minor_units },
      }),
    );
    return new Map(products.map((product) => [product.sku, product]));
  }
}

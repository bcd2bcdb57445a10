import { Injectable } from '@nestjs/common';
import { type RawBuilder, sql } from 'kysely';
import { Database } from '#libs/database';
import { type FilterFields, filterCondition, Ordering, type PageOf, type PageRequest, readPage } from '#libs/listing';
import type { InventoryTables } from '../tables.js';
import type { Product } from './product.js';
import { available, productColumns, toProduct } from './product.store.js';

/** What a list of products is asked for; empty texts ask for nothing. */
export interface ProductQuery {
  readonly query: string;
  readonly tags: readonly string[];
  readonly filter: string;
  readonly orderBy: string;
}

const SKU = { by: sql.ref('products.sku'), type: 'text' } as const;
const SORT_FIELDS = {
  sku: SKU,
  title: { by: sql`lower(products.title) COLLATE "C"`, type: 'text' },
  price: { by: sql.ref('products.minor_units'), type: 'int8' },
  createTime: { by: sql.ref('products.create_time'), type: 'timestamptz' },
} as const;

const BY_SKU = new Ordering({
  fields: SORT_FIELDS,
  unique: 'sku',
  otherwise: [{ field: 'sku', direction: 'asc' }],
});

const FILTER_FIELDS: FilterFields = {
  sku: { type: 'text', by: SKU.by },
  title: { type: 'text', by: sql.ref('products.title') },
  tags: { type: 'list', by: sql.ref('products.tags') },
  'price.minorUnits': { type: 'integer', by: sql.ref('products.minor_units') },
  'price.currencyCode': { type: 'text', by: sql.ref('products.currency_code') },
  available: { type: 'integer', by: available },
  createTime: { type: 'time', by: sql.ref('products.create_time') },
  updateTime: { type: 'time', by: sql.ref('products.update_time') },
};

/** Pages of the catalogue. */
@Injectable()
export class ProductListStore {
  constructor(private readonly database: Database<InventoryTables>) {}

  /** Throws VALIDATION_FAILED on `orderBy` or `filter`. */
  async page({ query, tags, filter, orderBy }: ProductQuery, page: PageRequest): Promise<PageOf<Product>> {
    const words = query.trim() === '' ? undefined : sql`product_query(${query})`;
    const keys = (words ? byRelevance(words) : BY_SKU).keys(orderBy);
    const condition = filterCondition(filter, FILTER_FIELDS);
    let found = productColumns(this.database.db);
    if (words) found = found.where(sql<boolean>`products.search @@ ${words}`);
    if (tags.length > 0) found = found.where(sql<boolean>`products.tags @> ${[...tags]}::text[]`);
    if (condition) found = found.where(condition);
    const { rows, next } = await readPage(found, keys, page);
    return { rows: rows.map(toProduct), next };
  }
}

function byRelevance(words: RawBuilder<unknown>) {
  return new Ordering({
    fields: { ...SORT_FIELDS, relevance: { by: sql`ts_rank(products.search, ${words})`, type: 'float4' } },
    unique: 'sku',
    otherwise: [
      { field: 'relevance', direction: 'desc' },
      { field: 'sku', direction: 'asc' },
    ],
  });
}

import { Injectable } from '@nestjs/common';
import { ProductCreatedSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Outbox } from '#libs/messaging';
import { decodePageToken, encodePageToken } from './page-token.js';
import type { NewProduct, Product } from './product.js';
import { ProductStore } from './product.store.js';

const DEFAULT_PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 100;

@Injectable()
export class Catalogue {
  constructor(
    private readonly database: Database,
    private readonly products: ProductStore,
    private readonly outbox: Outbox,
  ) {}

  async create(wanted: NewProduct): Promise<Product> {
    return this.database.transaction(async () => {
      const product = await this.products.insert(wanted);
      if (!product) throw new DomainError('PRODUCT_EXISTS');
      const { sku, title, price, version } = product;
      await this.outbox.publish(ProductCreatedSchema, { sku, title, price, version });
      return product;
    });
  }

  async get(sku: string): Promise<Product> {
    const product = await this.products.find(sku);
    if (!product) throw new DomainError('PRODUCT_NOT_FOUND');
    return product;
  }

  /** A page of products by sku. Pages neither repeat nor skip a product that exists all the while (keyset). */
  async list(pageSize: number, pageToken: string): Promise<{ products: Product[]; nextPageToken: string }> {
    const size = Math.min(pageSize || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    // One more than asked for tells whether there is a next page.
    const found = await this.products.listAfter(decodePageToken(pageToken), size + 1);
    const products = found.slice(0, size);
    const last = products.at(-1);
    return { products, nextPageToken: found.length > size && last ? encodePageToken(last.sku) : '' };
  }
}

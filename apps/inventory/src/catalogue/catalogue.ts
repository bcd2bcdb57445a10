import { Injectable } from '@nestjs/common';
import { ProductCreatedSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Outbox } from '#libs/messaging';
import type { NewProduct, Product } from './product.js';
import { ProductStore } from './product.store.js';

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
}

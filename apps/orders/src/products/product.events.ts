import { Controller } from '@nestjs/common';
import { type ProductCreated, ProductCreatedSchema, type ProductUpdated, ProductUpdatedSchema } from '#libs/contracts';
import { On } from '#libs/messaging';
import { ProductStore } from './product.store.js';

/** Follows inventory's catalogue. */
@Controller()
export class ProductEvents {
  constructor(private readonly products: ProductStore) {}

  @On(ProductCreatedSchema)
  created(event: ProductCreated): Promise<void> {
    return this.follow(event);
  }

  /** Prices of accepted orders stay: they are kept with the order. */
  @On(ProductUpdatedSchema)
  updated(event: ProductUpdated): Promise<void> {
    return this.follow(event);
  }

  private async follow({ $typeName, sku, title, price, version }: ProductCreated | ProductUpdated): Promise<void> {
    if (!price) throw new Error(`${$typeName} of ${sku} has no price`);
    await this.products.save({ sku, title, price }, version);
  }
}

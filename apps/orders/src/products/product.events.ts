import { Controller } from '@nestjs/common';
import { type ProductCreated, ProductCreatedSchema } from '#libs/contracts';
import { On } from '#libs/messaging';
import { ProductStore } from './product.store.js';

/** Follows inventory's catalogue. */
@Controller()
export class ProductEvents {
  constructor(private readonly products: ProductStore) {}

  @On(ProductCreatedSchema)
  async created({ sku, title, price, version }: ProductCreated): Promise<void> {
    if (!price) throw new Error(`ProductCreated of ${sku} has no price`);
    await this.products.save({ sku, title, price }, version);
  }
}

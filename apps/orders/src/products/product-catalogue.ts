import { Inject, Injectable } from '@nestjs/common';
import { Code, type Inventory } from '#libs/contracts';
import { DomainError, fromServiceError } from '#libs/errors';
import type { GrpcClient } from '#libs/service';
import type { Product } from '../place-order/price-lines.js';
import { ProductStore } from './product.store.js';

/** Injection token of the client for inventory. */
export const INVENTORY = Symbol('inventory');

/** Products by sku: from what orders knows, and from inventory where it knows nothing yet. */
@Injectable()
export class ProductCatalogue {
  constructor(
    private readonly products: ProductStore,
    @Inject(INVENTORY) private readonly inventory: Pick<GrpcClient<typeof Inventory>, 'getProduct'>,
  ) {}

  /** The products that exist. Throws UPSTREAM_UNAVAILABLE when one is unknown here and inventory cannot be asked. */
  async find(skus: readonly string[]): Promise<ReadonlyMap<string, Product>> {
    const known = await this.products.find(skus);
    const missing = skus.filter((sku) => !known.has(sku));
    const asked = await Promise.all(missing.map((sku) => this.ask(sku)));
    return new Map([...known, ...asked.flatMap((product) => (product ? [[product.sku, product] as const] : []))]);
  }

  private async ask(sku: string): Promise<Product | undefined> {
    const found = await this.inventory.getProduct({ sku }).catch((error: unknown) => {
      if (fromServiceError(error).grpc === Code.NOT_FOUND) return undefined;
      throw new DomainError('UPSTREAM_UNAVAILABLE', { cause: error });
    });
    if (!found) return undefined;
    if (!found.price) throw new Error(`inventory knows ${sku} without a price`);
    const product = { sku: found.sku, title: found.title, price: found.price };
    // Version 0: whatever an event says of this product is newer.
    await this.products.save(product, 0n);
    return product;
  }
}

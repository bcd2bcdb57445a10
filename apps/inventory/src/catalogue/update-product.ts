import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { type Product as ProductMessage, ProductUpdatedSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Outbox } from '#libs/messaging';
import { LowStock } from '../stock/low-stock.js';
import { StockStore } from '../stock/stock.store.js';
import { etagOf, type Product, type ProductDetails } from './product.js';
import { ProductStore } from './product.store.js';
import { applyMask } from './product-mask.js';

@Injectable()
export class UpdateProduct {
  constructor(
    private readonly database: Database,
    private readonly products: ProductStore,
    private readonly stock: StockStore,
    private readonly lowStock: LowStock,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Changes what the mask names, see applyMask. A change that changes nothing makes no new version. Throws
   * PRODUCT_NOT_FOUND, ETAG_MISMATCH where the message names another version, VALIDATION_FAILED.
   */
  async update(from: ProductMessage, mask: readonly string[] | undefined): Promise<Product> {
    return this.database.transaction(async () => {
      const found = await this.products.lock(from.sku);
      if (!found) throw new DomainError('PRODUCT_NOT_FOUND');
      if (from.etag !== '' && from.etag !== etagOf(found)) throw new DomainError('ETAG_MISMATCH');
      const before = detailsOf(found);
      const after = applyMask(before, from, mask);
      if (isDeepStrictEqual(before, after)) return found;
      const product = await this.products.update(from.sku, after);
      const { sku, title, price, version } = product;
      await this.outbox.publish(ProductUpdatedSchema, { sku, title, price, version });
      await this.moveThreshold(found, product);
      return product;
    });
  }

  /** A threshold that is raised above what is there is crossed by that. */
  private async moveThreshold({ lowStockThreshold: before }: Product, product: Product): Promise<void> {
    const { sku, lowStockThreshold: threshold } = product;
    if (threshold === before) return;
    const available = await this.stock.setThreshold(sku, threshold);
    const wasLow = before !== undefined && available <= before;
    if (threshold !== undefined && available <= threshold && !wasLow) {
      await this.lowStock.tell([{ sku, available, threshold }]);
    }
  }
}

function detailsOf({ title, description, price, tags, imageUrl, lowStockThreshold }: Product): ProductDetails {
  return { title, description, price, tags, imageUrl, lowStockThreshold };
}

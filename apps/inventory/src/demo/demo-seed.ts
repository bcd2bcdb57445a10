import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Catalogue } from '../catalogue/catalogue.js';
import { AdjustStock } from '../stock/adjust-stock.js';
import { DEMO_PRODUCTS, type DemoProduct } from './demo-products.js';

/** Puts the demo products on the shelves, through the same use cases as an administrator. Only in demo mode. */
@Injectable()
export class DemoSeed implements OnApplicationBootstrap {
  private readonly logger = new Logger(DemoSeed.name);

  constructor(
    private readonly database: Database,
    private readonly catalogue: Catalogue,
    private readonly stock: AdjustStock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const created = await this.seed();
    if (created > 0) this.logger.log({ products: created }, 'demo products created');
  }

  /** Resolves to how many products were new. A second run, or a second replica at the same time, adds nothing. */
  async seed(): Promise<number> {
    let created = 0;
    for (const product of DEMO_PRODUCTS) if (await this.create(product)) created++;
    return created;
  }

  /** Product and stock in one transaction: whoever finds the product finds its stock too. */
  private async create({ cents, stock, ...product }: DemoProduct): Promise<boolean> {
    const price = { currencyCode: 'USD', minorUnits: cents };
    const imageUrl = `/images/${product.sku}.svg`;
    try {
      await this.database.transaction(async () => {
        await this.catalogue.create({ ...product, price, imageUrl });
        await this.stock.adjust({ sku: product.sku, warehouse: 'main', delta: stock, reason: 'first delivery' });
      });
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'PRODUCT_EXISTS') return false;
      throw error;
    }
  }
}

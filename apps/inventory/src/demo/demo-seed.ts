import { setTimeout as delay } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Log, Readiness } from '#libs/service';
import { Catalogue } from '../catalogue/catalogue.js';
import { AdjustStock } from '../stock/adjust-stock.js';
import { DEMO_PRODUCTS, type DemoProduct } from './demo-products.js';

const RETRY_MS = 1000;

/** Puts the demo products on the shelves, through the same use cases as an administrator. Only in demo mode. */
@Injectable()
export class DemoSeed implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private problem: string | undefined = 'demo products are not created yet';

  constructor(
    private readonly database: Database,
    private readonly catalogue: Catalogue,
    private readonly stock: AdjustStock,
    private readonly log: Log,
    readiness: Readiness,
  ) {
    readiness.add('demo products', async () => this.problem);
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Resolves to how many products were new. A second run, or a second replica at the same time, adds nothing. */
  async seed(): Promise<number> {
    let created = 0;
    for (const product of DEMO_PRODUCTS) if (await this.create(product)) created++;
    return created;
  }

  private async run(): Promise<void> {
    while (this.problem && !this.stopping.signal.aborted) {
      try {
        const products = await this.seed();
        this.problem = undefined;
        if (products > 0) this.log.info({ products }, 'demo products created');
      } catch (error) {
        this.log.warn({ err: error }, 'demo products could not be created yet');
        await delay(RETRY_MS, undefined, { signal: this.stopping.signal }).catch(() => {});
      }
    }
  }

  /** Product and stock in one transaction: whoever finds the product finds its stock too. */
  private async create({ cents, stock, ...product }: DemoProduct): Promise<boolean> {
    const price = { currencyCode: 'USD', minorUnits: cents };
    // A tenth of the first delivery: the demo shows a StockRanLow when somebody buys a lot.
    const lowStockThreshold = Math.ceil(stock / 10);
    try {
      await this.database.transaction(async () => {
        await this.catalogue.create({ ...product, price, imageUrl: '', lowStockThreshold });
        await this.stock.adjust({ sku: product.sku, warehouse: 'main', delta: stock, reason: 'first delivery' });
      });
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'PRODUCT_EXISTS') return false;
      throw error;
    }
  }
}

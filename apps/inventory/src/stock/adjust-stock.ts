import { Injectable } from '@nestjs/common';
import { StockAdjustedSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Outbox } from '#libs/messaging';
import { type Adjustment, StockStore } from './stock.store.js';

@Injectable()
export class AdjustStock {
  constructor(
    private readonly database: Database,
    private readonly stock: StockStore,
    private readonly outbox: Outbox,
  ) {}

  /** Adds to or takes from the stocked units; what is reserved or sold stays covered. */
  async adjust(adjustment: Adjustment): Promise<void> {
    await this.database.transaction(async () => {
      if (!(await this.stock.lockProduct(adjustment.sku))) throw new DomainError('PRODUCT_NOT_FOUND');
      if (!(await this.stock.hasWarehouse(adjustment.warehouse))) {
        throw new DomainError('WAREHOUSE_NOT_FOUND', {
          violations: [{ field: 'warehouse', description: 'is not a warehouse', reason: 'WAREHOUSE_NOT_FOUND' }],
        });
      }
      const available = await this.stock.adjust(adjustment);
      if (available === undefined) throw new DomainError('STOCK_BELOW_COMMITTED');
      await this.outbox.publish(StockAdjustedSchema, { ...adjustment, available });
    });
  }
}

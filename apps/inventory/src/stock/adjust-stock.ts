import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { StockAdjustedSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import { Outbox } from '#libs/messaging';
import { crosses, LowStock } from './low-stock.js';
import { type Adjustment, type Level, StockStore } from './stock.store.js';

/** As the CHECK of the column has it. */
const MAX_STOCKED = 1_000_000_000;

@Injectable()
export class AdjustStock {
  constructor(
    private readonly database: Database,
    private readonly stock: StockStore,
    private readonly lowStock: LowStock,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Adds to or takes from the stocked units; what is reserved or sold stays covered. Throws PRODUCT_NOT_FOUND,
   * WAREHOUSE_NOT_FOUND, STOCK_BELOW_COMMITTED, and VALIDATION_FAILED on `delta` where a warehouse would get too full.
   */
  async adjust(adjustment: Adjustment): Promise<void> {
    const { sku, warehouse, delta } = adjustment;
    await this.database.transaction(async () => {
      if (!(await this.stock.lockProduct(sku))) throw new DomainError('PRODUCT_NOT_FOUND');
      if (!(await this.stock.hasWarehouse(warehouse))) throw noWarehouse();
      const levels = await this.stock.lockLevels({ sku, warehouse });
      const level = levels.find((one) => one.warehouse === warehouse);
      if (!level) throw new Error(`the stock row of ${sku} in ${warehouse} is there and cannot be found`);
      checkBounds(level, delta);
      const id = randomUUID();
      await this.stock.adjust(adjustment, id);
      await this.outbox.publish(StockAdjustedSchema, { ...adjustment, available: level.available + delta }, { id });
      const before = levels.reduce((sum, { available }) => sum + available, 0);
      const { low_at: threshold } = level;
      const available = before + delta;
      if (crosses(before, available, threshold)) await this.lowStock.tell([{ sku, available, threshold }]);
    });
  }
}

function checkBounds(level: Level, delta: number): void {
  if (level.available + delta < 0) {
    const description = `takes more than the ${level.available} units that are neither reserved nor sold`;
    throw new DomainError('STOCK_BELOW_COMMITTED', { violations: [{ field: 'delta', description, reason: 'range' }] });
  }
  if (level.stocked + delta > MAX_STOCKED) {
    const description = `would make more than ${MAX_STOCKED} units in this warehouse`;
    throw new DomainError('VALIDATION_FAILED', { violations: [{ field: 'delta', description, reason: 'range' }] });
  }
}

const noWarehouse = () =>
  new DomainError('WAREHOUSE_NOT_FOUND', {
    violations: [{ field: 'warehouse', description: 'is not a warehouse', reason: 'WAREHOUSE_NOT_FOUND' }],
  });

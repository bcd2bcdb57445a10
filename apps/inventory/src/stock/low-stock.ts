import { Injectable } from '@nestjs/common';
import { StockRanLowSchema } from '#libs/contracts';
import { Database } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { Log } from '#libs/service';

/** A product whose available units, over all warehouses, have just come down to its threshold. */
export interface RanLow {
  readonly sku: string;
  readonly available: number;
  readonly threshold: number;
}

/** Whether taking units crossed the threshold: a product that was low before is not told again. */
export function crosses(before: number, after: number, threshold: number | null): threshold is number {
  return threshold !== null && before > threshold && after <= threshold;
}

/** Tells that stock ran low. */
@Injectable()
export class LowStock {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly log: Log,
  ) {}

  /** Call inside the transaction that took the units, while their rows are locked: then each crossing is told once. */
  async tell(products: readonly RanLow[]): Promise<void> {
    for (const { sku, available, threshold } of products) {
      await this.outbox.publish(StockRanLowSchema, { sku, available, threshold });
      this.database.afterCommit(() => this.log.info({ sku, available, threshold }, 'stock ran low'));
    }
  }
}

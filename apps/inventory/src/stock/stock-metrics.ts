import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { meter } from '#libs/telemetry';
import { StockStore } from './stock.store.js';

/** Units in stock at the time of each scrape. Every replica reports the same: take the maximum, never the sum. */
@Injectable()
export class StockMetrics implements OnApplicationBootstrap {
  private readonly logger = new Logger(StockMetrics.name);

  constructor(private readonly stock: StockStore) {}

  onApplicationBootstrap(): void {
    const units = meter('inventory').createObservableGauge('inventory_stock_units', {
      description: 'Units over all products and warehouses: stocked, reserved, sold, available.',
    });
    units.addCallback(async (result) => {
      try {
        for (const [counter, value] of Object.entries(await this.stock.totals())) result.observe(value, { counter });
      } catch (error) {
        this.logger.warn({ err: error }, 'stock was not measured');
      }
    });
  }
}

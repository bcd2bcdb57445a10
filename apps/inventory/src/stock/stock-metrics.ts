import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Log } from '#libs/service';
import { meter } from '#libs/telemetry';
import { StockStore } from './stock.store.js';

/** Units in stock at the time of each scrape. Every replica reports the same: take the maximum, never the sum. */
@Injectable()
export class StockMetrics implements OnApplicationBootstrap {
  constructor(
    private readonly stock: StockStore,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    const units = meter('inventory').createObservableGauge('inventory_stock_units', {
      description: 'Units over all products and warehouses: stocked, reserved, sold, available.',
    });
    units.addCallback(async (result) => {
      try {
        for (const [counter, value] of Object.entries(await this.stock.totals())) result.observe(value, { counter });
      } catch (error) {
        this.log.warn({ err: error }, 'stock was not measured');
      }
    });
  }
}

import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { BatchObservableResult, ObservableGauge } from '@opentelemetry/api';
import { Log } from '#libs/service';
import { meter } from '#libs/telemetry';
import { ReservationStore } from '../reservations/reservation.store.js';
import { StockStore } from './stock.store.js';

/** Units in stock and what binds them, at each collection. Every replica reports the same: take the maximum, never the sum. */
@Injectable()
export class StockMetrics implements OnApplicationBootstrap {
  constructor(
    private readonly stock: StockStore,
    private readonly reservations: ReservationStore,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    const inventory = meter('inventory');
    const units = inventory.createObservableGauge('inventory_stock_units', {
      description: 'Units over all products and warehouses: stocked, reserved, sold, available.',
    });
    const open = inventory.createObservableGauge('inventory_reservations_open', {
      description: 'Reservations that bind units, by state: active, held.',
    });
    inventory.addBatchObservableCallback((result) => this.observe(result, units, open), [units, open]);
  }

  private async observe(result: BatchObservableResult, units: ObservableGauge, open: ObservableGauge): Promise<void> {
    try {
      const [totals, counts] = await Promise.all([this.stock.totals(), this.reservations.countOpen()]);
      for (const [counter, value] of Object.entries(totals)) result.observe(units, value, { counter });
      for (const [state, value] of Object.entries(counts)) result.observe(open, value, { state });
    } catch (error) {
      this.log.warn({ err: error }, 'stock was not measured');
    }
  }
}

import { type DynamicModule, Module } from '@nestjs/common';
import { DatabaseModule } from '#libs/database';
import { ListingModule } from '#libs/listing';
import { MessagingModule } from '#libs/messaging';
import { operatorRoom } from '#libs/operator';
import { kafkaOf } from '#libs/service';
import { CatalogueController } from './catalogue/catalogue.controller.js';
import { Catalogue } from './catalogue/catalogue.js';
import { ProductStore } from './catalogue/product.store.js';
import { ProductListStore } from './catalogue/product-list.store.js';
import { UpdateProduct } from './catalogue/update-product.js';
import type { InventoryConfig } from './config.js';
import { DemoSeed } from './demo/demo-seed.js';
import { ForgetCustomerHandler } from './forget-customer/forget-customer.handler.js';
import { ForgetCustomerStore } from './forget-customer/forget-customer.store.js';
import { ExpirySweeper } from './reservations/expiry-sweeper.js';
import { ReservationStore } from './reservations/reservation.store.js';
import { ReservationMetrics } from './reservations/reservation-metrics.js';
import { Reservations } from './reservations/reservations.js';
import { StockCommandsController } from './reservations/stock-commands.controller.js';
import { AdjustStock } from './stock/adjust-stock.js';
import { LowStock } from './stock/low-stock.js';
import { StockController } from './stock/stock.controller.js';
import { StockStore } from './stock/stock.store.js';
import { StockMetrics } from './stock/stock-metrics.js';
import { StockMovementStore } from './stock/stock-movement.store.js';

const CATALOGUE = [Catalogue, UpdateProduct, ProductStore, ProductListStore];
const STOCK = [AdjustStock, LowStock, StockStore, StockMovementStore, StockMetrics];
const RESERVATIONS = [Reservations, ReservationStore, ReservationMetrics, ExpirySweeper, ForgetCustomerStore];

/** Everything of the inventory service. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: how Nest writes a module with options
export class InventoryModule {
  static forRoot(config: InventoryConfig): DynamicModule {
    const { DATABASE_URL, DEMO_MODE } = config;
    return {
      module: InventoryModule,
      imports: [
        DatabaseModule.forRoot({ url: DATABASE_URL, applicationName: 'inventory', maxConnections: 20 }),
        ListingModule,
        MessagingModule.forRoot({ service: 'inventory', ...kafkaOf(config) }),
      ],
      controllers: [CatalogueController, StockController, StockCommandsController, ForgetCustomerHandler],
      providers: [
        ...CATALOGUE,
        ...STOCK,
        ...RESERVATIONS,
        ...(DEMO_MODE ? [DemoSeed] : []),
        ...operatorRoom({ config }),
      ],
    };
  }
}

import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Inventory } from '#libs/contracts';
import { DatabaseModule } from '#libs/database';
import { IdentityModule, PrincipalTokens, serviceSubject } from '#libs/identity';
import { ListingModule } from '#libs/listing';
import { MessagingModule } from '#libs/messaging';
import { operatorRoom } from '#libs/operator';
import { DeadlineSweeper } from '#libs/saga';
import { type GrpcClient, grpcClient, kafkaOf, Readiness } from '#libs/service';
import { CancelOrderHandler } from './cancel-order/cancel-order.handler.js';
import { CloseCustomerHandler } from './close-customer/close-customer.handler.js';
import { ClosedCustomersStore } from './close-customer/closed-customers.store.js';
import { CustomerClosing } from './close-customer/customer-closing.js';
import { ORDERS_CONFIG, type OrdersConfig } from './config.js';
import { GetOrderHandler } from './get-order/get-order.handler.js';
import { ListOrdersHandler } from './list-orders/list-orders.handler.js';
import { OrderListStore } from './list-orders/order-list.store.js';
import { OrderHistoryStore } from './operator/order-history.store.js';
import { OrdersDesk } from './operator/orders.desk.js';
import { OrderStore } from './order.store.js';
import { OrderAccess } from './order-access.js';
import { ListOrderHistoryHandler } from './order-history/list-order-history.handler.js';
import { TransitionStore } from './order-history/transition.store.js';
import { OrderEnding } from './place-order/order-ending.js';
import { OrderLimits } from './place-order/order-limits.js';
import { PlaceOrderHandler } from './place-order/place-order.handler.js';
import { PlaceOrder } from './place-order/place-order.js';
import { PlaceOrderProcess } from './place-order/place-order.process.js';
import { PlaceOrderReplies } from './place-order/place-order.replies.js';
import { PriceOrder } from './place-order/price-order.js';
import { ProductEvents } from './products/product.events.js';
import { ProductStore } from './products/product.store.js';
import { INVENTORY, ProductCatalogue } from './products/product-catalogue.js';
import { RefundStore } from './refund-order/refund.store.js';
import { RefundEnding } from './refund-order/refund-ending.js';
import { RefundOrderHandler } from './refund-order/refund-order.handler.js';
import { RefundOrder } from './refund-order/refund-order.js';
import { RefundOrderProcess } from './refund-order/refund-order.process.js';
import { RefundOrderReplies } from './refund-order/refund-order.replies.js';
import { OrderChanges } from './watch-order/order-changes.js';
import { WatchOrderHandler } from './watch-order/watch-order.handler.js';

/** Everything of the orders service. */
@Module({})
export class OrdersModule implements OnApplicationShutdown {
  constructor(
    placing: PlaceOrderProcess,
    refunding: RefundOrderProcess,
    readiness: Readiness,
    @Inject(INVENTORY) private readonly inventory: GrpcClient<typeof Inventory>,
  ) {
    readiness.add('sagas', async () => {
      readiness.note('sagas', (await placing.saga.notice()) ?? (await refunding.saga.notice()));
      return (await placing.saga.problem()) ?? refunding.saga.problem();
    });
  }

  onApplicationShutdown(): void {
    this.inventory.close();
  }

  static forRoot(config: OrdersConfig): DynamicModule {
    return {
      module: OrdersModule,
      imports: [
        DatabaseModule.forRoot({ url: config.DATABASE_URL, applicationName: 'orders', maxConnections: 15 }),
        MessagingModule.forRoot({ service: 'orders', ...kafkaOf(config) }),
        IdentityModule.forCaller({ name: 'orders' }),
        ListingModule,
      ],
      controllers: [
        ...[PlaceOrderHandler, GetOrderHandler, ListOrdersHandler, CancelOrderHandler, WatchOrderHandler],
        ...[RefundOrderHandler, RefundOrderReplies, ListOrderHistoryHandler],
        ...[PlaceOrderReplies, ProductEvents, CloseCustomerHandler],
      ],
      providers: [
        { provide: ORDERS_CONFIG, useValue: config },
        { provide: INVENTORY, useFactory: inventoryClient(config.INVENTORY_ADDRESS), inject: [PrincipalTokens] },
        {
          provide: DeadlineSweeper,
          useFactory: (process: PlaceOrderProcess) => new DeadlineSweeper(process.saga),
          inject: [PlaceOrderProcess],
        },
        ...[OrderStore, OrderAccess, OrderChanges, ProductStore, ProductCatalogue],
        ...[PlaceOrder, PriceOrder, OrderLimits, OrderEnding, PlaceOrderProcess],
        ...[OrderListStore, TransitionStore],
        ...[RefundStore, RefundOrder, RefundEnding, RefundOrderProcess],
        ...[ClosedCustomersStore, CustomerClosing],
        OrderHistoryStore,
        ...operatorRoom({
          config,
          sagas: [PlaceOrderProcess, RefundOrderProcess],
          keys: true,
          desks: [OrdersDesk],
        }),
      ],
    };
  }
}

/** Orders asks inventory for itself, not for a customer. */
const inventoryClient = (address: string) => (tokens: PrincipalTokens) =>
  grpcClient(Inventory, address, {
    tokens,
    audience: 'inventory',
    as: { subject: serviceSubject('orders'), scopes: [] },
  });

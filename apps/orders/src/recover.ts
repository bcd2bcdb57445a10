// node dist/apps/orders/src/recover.js --help
import 'reflect-metadata';
import { recover } from '#libs/recovery';
import { kafkaOf, loadConfig } from '#libs/service';
import { ordersEnvironment } from './config.js';
import { RecoverOrders } from './recover/recover-orders.js';

await recover('orders', () => {
  const config = loadConfig(ordersEnvironment);
  const terms = { deadlineSeconds: config.ORDERS_DEADLINE, reservationTtlSeconds: config.RESERVATION_TTL };
  return {
    databaseUrl: config.DATABASE_URL,
    kafka: kafkaOf(config),
    rebuild: async (recovery) => {
      await new RecoverOrders(recovery.database, terms).run(recovery);
    },
  };
});

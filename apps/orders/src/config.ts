import { z } from 'zod';
import { grpcAddress, serviceEnvironment } from '#libs/service';

const whole = (description: string, usual: number) =>
  z.coerce.number('is not a number').int('is not a whole number').min(1).default(usual).describe(description);

/** What the orders service reads from its environment. */
export const ordersEnvironment = serviceEnvironment
  .safeExtend({
    ORDERS_DEADLINE: whole('seconds until an order that is not paid for is given up, e.g. 300', 300),
    RESERVATION_TTL: whole('seconds that stock stays reserved; more than ORDERS_DEADLINE', 600),
    INVENTORY_ADDRESS: grpcAddress.describe(
      'host:port of the gRPC server of inventory, e.g. 127.0.0.1:50052; replicas separated by commas',
    ),
    OPEN_ORDERS_LIMIT: whole('open orders that one customer may have', 2500),
    OPEN_UNITS_LIMIT: whole('units of one product in all open orders of one customer', 10_000),
  })
  .refine((config) => config.RESERVATION_TTL > config.ORDERS_DEADLINE, {
    message:
      'RESERVATION_TTL must be longer than ORDERS_DEADLINE, or stock expires under an order that can still be paid',
  });

/** Injection token of the configuration. */
export const ORDERS_CONFIG = Symbol('orders config');
export type OrdersConfig = z.output<typeof ordersEnvironment>;

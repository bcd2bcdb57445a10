import { loadConfig } from '#libs/service';
import { ordersEnvironment } from './config.js';

const environment = {
  OPS_LISTEN: '127.0.0.1:0',
  GRPC_LISTEN: '127.0.0.1:0',
  DATABASE_URL: 'postgres://orders:secret@127.0.0.1/store',
  KAFKA_BROKERS: '127.0.0.1:9092',
  TRUSTED_CALLERS: 'gateway=http://127.0.0.1:9100/.well-known/jwks.json',
  INVENTORY_ADDRESS: '127.0.0.1:50052',
};

it('has defaults for times and limits', () => {
  const config = loadConfig(ordersEnvironment, environment);
  expect(config).toMatchObject({ ORDERS_DEADLINE: 300, RESERVATION_TTL: 600, OPEN_ORDERS_LIMIT: 2500 });
});

it.each([
  [{ RESERVATION_TTL: '300' }, 'RESERVATION_TTL must be longer than ORDERS_DEADLINE'],
  [{ ORDERS_DEADLINE: 'soon' }, 'ORDERS_DEADLINE is not a number'],
  [{ OPEN_UNITS_LIMIT: '0' }, 'OPEN_UNITS_LIMIT'],
])('refuses %j, naming the variable', (change, message) => {
  expect(() => loadConfig(ordersEnvironment, { ...environment, ...change })).toThrow(message);
});

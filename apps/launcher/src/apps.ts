import type { KafkaIdentities } from '#libs/embedded';
import { kafkaVariables } from './kafka-identities.js';
import type { PortName, Ports } from './ports.js';

/** Where the parts of this store are, as the apps are told by environment variables. */
export interface Place {
  ports: Ports;
  /** URL of each role's database, by role. */
  databases: Readonly<Record<Role, string>>;
  brokers: string;
  /** Who comes to Kafka, where it asks. */
  kafkaIdentities?: KafkaIdentities | undefined;
  /** The file that names the operators. */
  operatorCredentials: string;
  /** Variables that say where spans go. */
  telemetry: Readonly<Record<string, string>>;
}

export const roles = ['gateway', 'users', 'inventory', 'orders', 'payments', 'payment_simulator'] as const;
export type Role = (typeof roles)[number];

export interface AppDefinition {
  name: string;
  /** Preload that sets telemetry up. */
  register: 'register' | 'register-gateway';
  /** The listener with /readyz. */
  ops: PortName;
  grpc?: PortName;
  /** The listener of its operator verbs. */
  operator?: PortName;
  environment(place: Place): Record<string, string>;
}

const local = (port: number) => `127.0.0.1:${port}`;
const http = (port: number) => `http://127.0.0.1:${port}`;
type ServiceName = 'users' | 'inventory' | 'orders' | 'payments';
const portsOf = <N extends ServiceName>(name: N) =>
  ({ grpc: `${name} gRPC`, ops: `${name} ops`, operator: `${name} operator` }) as const;
const jwks = (port: number) => `${http(port)}/.well-known/jwks.json`;

/** Who may call a service: the gateway, and the services that need it. */
const CALLERS: Readonly<Record<ServiceName, readonly ('gateway' | ServiceName)[]>> = {
  users: ['gateway'],
  inventory: ['gateway', 'orders'],
  orders: ['gateway', 'users'],
  payments: ['gateway', 'users'],
};

/** What every service gets. */
function service(place: Place, name: ServiceName): Record<string, string> {
  const { grpc, ops, operator } = portsOf(name);
  return {
    GRPC_LISTEN: local(place.ports[grpc]),
    OPS_LISTEN: local(place.ports[ops]),
    OPERATOR_LISTEN: local(place.ports[operator]),
    OPERATOR_CREDENTIALS: place.operatorCredentials,
    DATABASE_URL: place.databases[name],
    KAFKA_BROKERS: place.brokers,
    ...kafkaVariables(place.kafkaIdentities, name),
    TRUSTED_CALLERS: CALLERS[name].map((caller) => `${caller}=${jwks(place.ports[`${caller} ops`])}`).join(),
  };
}

const users: AppDefinition = {
  name: 'users',
  register: 'register',
  ...portsOf('users'),
  environment: (place) => ({
    ...service(place, 'users'),
    ORDERS_ADDRESS: local(place.ports['orders gRPC']),
    PAYMENTS_ADDRESS: local(place.ports['payments gRPC']),
  }),
};

const inventory: AppDefinition = {
  name: 'inventory',
  register: 'register',
  ...portsOf('inventory'),
  environment: (place) => service(place, 'inventory'),
};

const orders: AppDefinition = {
  name: 'orders',
  register: 'register',
  ...portsOf('orders'),
  environment: (place) => ({
    ...service(place, 'orders'),
    INVENTORY_ADDRESS: local(place.ports['inventory gRPC']),
  }),
};

const payments: AppDefinition = {
  name: 'payments',
  register: 'register',
  ...portsOf('payments'),
  environment: (place) => ({
    ...service(place, 'payments'),
    PROVIDER_URL: http(place.ports['payment simulator']),
  }),
};

const paymentSimulator: AppDefinition = {
  name: 'payment-simulator',
  register: 'register',
  ops: 'payment simulator',
  environment: (place) => ({
    HTTP_LISTEN: local(place.ports['payment simulator']),
    DATABASE_URL: place.databases.payment_simulator,
  }),
};

const gateway: AppDefinition = {
  name: 'gateway',
  register: 'register-gateway',
  ops: 'gateway ops',
  environment: ({ ports, databases }) => ({
    HTTP_LISTEN: local(ports.gateway),
    OPS_LISTEN: local(ports['gateway ops']),
    DATABASE_URL: databases.gateway,
    USERS_ADDRESS: local(ports['users gRPC']),
    INVENTORY_ADDRESS: local(ports['inventory gRPC']),
    ORDERS_ADDRESS: local(ports['orders gRPC']),
    PAYMENTS_ADDRESS: local(ports['payments gRPC']),
    TOKEN_JWKS_URL: jwks(ports['users ops']),
  }),
};

/** In the order in which they are stopped: what takes requests before what answers them. */
export const apps: readonly AppDefinition[] = [gateway, orders, payments, inventory, users, paymentSimulator];

export const readyUrl = (app: AppDefinition, ports: Ports): string => `${http(ports[app.ops])}/readyz`;

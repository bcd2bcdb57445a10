import type { PortName, Ports } from './ports.js';

/** Where the parts of this store are, as the apps are told by environment variables. */
export interface Place {
  ports: Ports;
  /** URL of each role's database, by role. */
  databases: Readonly<Record<Role, string>>;
  brokers: string;
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
  environment(place: Place): Record<string, string>;
}

const local = (port: number) => `127.0.0.1:${port}`;
const http = (port: number) => `http://127.0.0.1:${port}`;
const jwks = (port: number) => `${http(port)}/.well-known/jwks.json`;

/** What every service gets. */
function service(place: Place, role: Role, { grpc, ops }: { grpc: PortName; ops: PortName }): Record<string, string> {
  return {
    GRPC_LISTEN: local(place.ports[grpc]),
    OPS_LISTEN: local(place.ports[ops]),
    DATABASE_URL: place.databases[role],
    KAFKA_BROKERS: place.brokers,
    TRUSTED_CALLERS: `gateway=${jwks(place.ports['gateway ops'])},orders=${jwks(place.ports['orders ops'])}`,
  };
}

const users: AppDefinition = {
  name: 'users',
  register: 'register',
  grpc: 'users gRPC',
  ops: 'users ops',
  environment: (place) => service(place, 'users', { grpc: 'users gRPC', ops: 'users ops' }),
};

const inventory: AppDefinition = {
  name: 'inventory',
  register: 'register',
  grpc: 'inventory gRPC',
  ops: 'inventory ops',
  environment: (place) => service(place, 'inventory', { grpc: 'inventory gRPC', ops: 'inventory ops' }),
};

const orders: AppDefinition = {
  name: 'orders',
  register: 'register',
  grpc: 'orders gRPC',
  ops: 'orders ops',
  environment: (place) => ({
    ...service(place, 'orders', { grpc: 'orders gRPC', ops: 'orders ops' }),
    INVENTORY_ADDRESS: local(place.ports['inventory gRPC']),
  }),
};

const payments: AppDefinition = {
  name: 'payments',
  register: 'register',
  grpc: 'payments gRPC',
  ops: 'payments ops',
  environment: (place) => ({
    ...service(place, 'payments', { grpc: 'payments gRPC', ops: 'payments ops' }),
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

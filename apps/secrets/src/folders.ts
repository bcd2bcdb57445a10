/** Where the servers are; written into the URLs that the apps get. */
export interface Places {
  /** `host:port/database` of PostgreSQL. */
  readonly database: string;
  /** `host:port` of Valkey. */
  readonly valkey: string;
}

/** Roles of PostgreSQL that apps sign in with. */
export const DATABASE_ROLES = ['gateway', 'users', 'inventory', 'orders', 'payments', 'payment_simulator'] as const;

/** Who may sign in at Kafka: the broker to itself, `admin` to make topics and rights, each service to its topics. */
export const KAFKA_PRINCIPALS = ['broker', 'admin', 'users', 'inventory', 'orders', 'payments'] as const;

type Role = (typeof DATABASE_ROLES)[number];
type Principal = (typeof KAFKA_PRINCIPALS)[number];

/** Everything that is secret; all else is made from these. */
export const PASSWORDS = [
  'postgres-admin',
  ...DATABASE_ROLES.map((role) => `postgres-${role}` as const),
  ...KAFKA_PRINCIPALS.map((principal) => `kafka-${principal}` as const),
  'valkey-gateway',
] as const;

export type PasswordName = (typeof PASSWORDS)[number];

/** Text of each file, by the container that may read it and the name of the file. */
export type Folders = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What each container gets: a folder of its own, with what it signs in with and nothing else. */
export function foldersOf(passwordOf: (name: PasswordName) => string, places: Places): Folders {
  const databaseUrl = (role: Role) => `postgres://${role}:${passwordOf(`postgres-${role}`)}@${places.database}`;
  const service = (name: Role & Principal) => ({
    'database-url': databaseUrl(name),
    'kafka-password': passwordOf(`kafka-${name}`),
  });
  return {
    postgres: { 'admin-password': passwordOf('postgres-admin') },
    kafka: { 'kafka_server_jaas.conf': jaasFile((principal) => passwordOf(`kafka-${principal}`)) },
    valkey: { 'users.acl': valkeyUsers(passwordOf('valkey-gateway')) },
    migrate: {
      'database-url': `postgres://postgres:${passwordOf('postgres-admin')}@${places.database}`,
      'kafka-password': passwordOf('kafka-admin'),
      ...Object.fromEntries(DATABASE_ROLES.map((role) => [`${dashed(role)}-password`, passwordOf(`postgres-${role}`)])),
    },
    gateway: {
      'database-url': databaseUrl('gateway'),
      'redis-url': `redis://gateway:${passwordOf('valkey-gateway')}@${places.valkey}`,
    },
    users: service('users'),
    inventory: service('inventory'),
    orders: service('orders'),
    payments: service('payments'),
    'payment-simulator': { 'database-url': databaseUrl('payment_simulator') },
  };
}

const dashed = (role: string): string => role.replaceAll('_', '-');

/**
 * What the broker reads: its own name, and the names and passwords that it lets in (SASL/PLAIN). Kafka's tools, where they run
 * beside it, are its administrator.
 */
function jaasFile(passwordOf: (principal: Principal) => string): string {
  return [
    'KafkaServer {',
    '  org.apache.kafka.common.security.plain.PlainLoginModule required',
    `  username="broker" password="${passwordOf('broker')}"`,
    ...KAFKA_PRINCIPALS.map((principal) => `  user_${principal}="${passwordOf(principal)}"`),
    '  ;',
    '};',
    'KafkaClient {',
    '  org.apache.kafka.common.security.plain.PlainLoginModule required',
    `  username="admin" password="${passwordOf('admin')}";`,
    '};',
  ].join('\n');
}

/** Without a password there is PING alone, for the health check. The gateway keeps buckets there, by scripts. */
function valkeyUsers(password: string): string {
  return [
    'user default on nopass resetchannels -@all +ping',
    `user gateway on >${password} ~* resetchannels -@all +@read +@write +@scripting +@connection -@dangerous +time +info`,
  ].join('\n');
}

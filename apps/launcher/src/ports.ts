import { assertPortFree, freePort, PortInUseError } from '#libs/embedded';

/** Every port of the store; the name is how a busy one is reported. */
const defaults = {
  gateway: 8080,
  'gateway ops': 9100,
  'users gRPC': 50051,
  'users ops': 9101,
  'inventory gRPC': 50052,
  'inventory ops': 9102,
  'orders gRPC': 50053,
  'orders ops': 9103,
  'payments gRPC': 50054,
  'payments ops': 9104,
  'users operator': 9201,
  'inventory operator': 9202,
  'orders operator': 9203,
  'payments operator': 9204,
  'payment simulator': 9110,
  Kafka: 9092,
  "Kafka's controller": 9093,
  PostgreSQL: 54329,
  'Zipkin, the trace viewer': 9411,
};

export type PortName = keyof typeof defaults;
export type Ports = Record<PortName, number>;

/** The ports of this store: the documented ones moved by an offset, or free ones. */
export async function choosePorts(offset: number | 'any'): Promise<Ports> {
  const ports: Ports = { ...defaults };
  for (const name of portNames) ports[name] = offset === 'any' ? await freePort() : defaults[name] + offset;
  return ports;
}

const portNames = Object.keys(defaults).filter((name): name is PortName => name in defaults);

/** Lists all ports that somebody else holds, in one error that says what to do; `unused` ones are not looked at. */
export async function assertPortsFree(ports: Ports, unused: readonly PortName[]): Promise<void> {
  const wanted = portNames.filter((name) => !unused.includes(name));
  const looks = await Promise.allSettled(wanted.map((name) => assertPortFree(ports[name], name)));
  const busy = looks.flatMap((look) => (look.status === 'rejected' ? [look.reason] : []));
  const other = busy.find((reason) => !(reason instanceof PortInUseError));
  if (other !== undefined) throw other;
  if (busy.length > 0) throw new BusyPortsError(busy);
}

/** Ports that are in use, with what to do about it. */
class BusyPortsError extends Error {
  constructor(readonly ports: readonly PortInUseError[]) {
    const [first] = ports;
    super(
      [
        ...ports.map((busy) => `Port ${busy.port} (${busy.use}) is in use by another program.`),
        `See which: ss -ltnp 'sport = :${first?.port}'. Stop it, or move all ports: STORE_PORT_OFFSET=1000 npm start`,
        ...ports.flatMap((busy) => hints[busy.use] ?? []),
      ].join('\n'),
    );
    this.name = 'BusyPortsError';
  }
}

const hints: Record<string, string> = {
  Kafka: 'To use the Kafka that runs there: KAFKA_BROKERS=127.0.0.1:9092 npm start',
  PostgreSQL:
    'To use the PostgreSQL that runs there: DATABASE_URL=postgres://user:password@127.0.0.1:54329/store npm start',
};

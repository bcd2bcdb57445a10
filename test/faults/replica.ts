import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { freePort } from '#libs/embedded';
import { type StackDescription, until } from '#libs/testing';

const PATIENCE = { timeout: 60_000 };
const local = (port: number) => `127.0.0.1:${port}`;

type ServiceName = 'users' | 'inventory' | 'orders' | 'payments';

/** One more process of an app beside a running store, on its database, broker and ports of its own, which it keeps. */
export class Replica {
  /** A gateway in front of the store; `variables` go on top, such as lists of addresses. */
  static async gateway(stack: StackDescription, variables: Readonly<Record<string, string>> = {}): Promise<Replica> {
    const { apps, postgres } = stack;
    const grpc = (app: string) => apps[app]?.grpc ?? '';
    return Replica.begin('gateway', {
      HTTP_LISTEN: local(await freePort()),
      DATABASE_URL: postgres.urls.gateway ?? '',
      USERS_ADDRESS: grpc('users'),
      INVENTORY_ADDRESS: grpc('inventory'),
      ORDERS_ADDRESS: grpc('orders'),
      PAYMENTS_ADDRESS: grpc('payments'),
      TOKEN_JWKS_URL: `${apps.users?.ops}/.well-known/jwks.json`,
      ...variables,
    });
  }

  /** A service that shares its consumer group and its signing keys with the one of the store. */
  static async service(stack: StackDescription, name: ServiceName): Promise<Replica> {
    const { apps, postgres, kafka } = stack;
    const callers = ['gateway', 'users', 'orders'].filter((caller) => caller !== name);
    const keys = callers.map((caller) => `${caller}=${apps[caller]?.ops}/.well-known/jwks.json`);
    const peers = Object.entries(apps).flatMap(([app, { grpc }]) =>
      grpc ? [[`${app.toUpperCase()}_ADDRESS`, grpc]] : [],
    );
    return Replica.begin(name, {
      ...Object.fromEntries(peers),
      GRPC_LISTEN: local(await freePort()),
      DATABASE_URL: postgres.urls[name] ?? '',
      KAFKA_BROKERS: kafka.brokers,
      TRUSTED_CALLERS: keys.join(),
      ...(name === 'payments' && { PROVIDER_URL: stack.provider.url }),
    });
  }

  private static async begin(name: string, variables: Readonly<Record<string, string>>): Promise<Replica> {
    const environment = { OPS_LISTEN: local(await freePort()), DEMO_MODE: 'true', OTEL_TRACES_EXPORTER: 'none' };
    const replica = new Replica(name, { ...environment, ...variables });
    await replica.start();
    return replica;
  }

  private child: ChildProcess | undefined;
  private exit: Promise<number | null> = Promise.resolve(null);
  private output = '';
  /** What it said at level warn or above. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly name: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Of the REST API. */
  get url(): string {
    return `http://${this.env.HTTP_LISTEN}`;
  }

  get opsUrl(): string {
    return `http://${this.env.OPS_LISTEN}`;
  }

  /** `host:port` of the gRPC server. */
  get grpc(): string {
    return this.env.GRPC_LISTEN ?? '';
  }

  /** Resolves when it wants requests. */
  async start(): Promise<void> {
    const register = this.name === 'gateway' ? 'register-gateway' : 'register';
    const args = ['--import', `./dist/libs/telemetry/src/${register}.js`, `dist/apps/${this.name}/src/main.js`];
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH, ...this.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    this.exit = new Promise((resolve) => child.once('exit', resolve));
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.output = `${this.output}${line}\n`.slice(-20_000);
      if (/"level":"(warn|error|fatal)"/.test(line)) this.complaints.push(`${this.name}: ${line}`);
    });
    await until(() => this.isReady(), { ...PATIENCE, what: `another ${this.name} to be ready` });
  }

  /** An orderly stop. Resolves with its exit code. */
  async close(): Promise<number | null> {
    this.child?.kill('SIGTERM');
    return this.exit;
  }

  /** It dies without a word. Resolves when it is dead; `start` brings it back. */
  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.exit;
  }

  async restart(): Promise<void> {
    const code = await this.close();
    if (code !== 0) throw new Error(`${this.name} ended with ${code}:\n${this.output}`);
    await this.start();
  }

  async isReady(): Promise<boolean> {
    const { exitCode } = this.child ?? {};
    if (typeof exitCode === 'number') throw new Error(`${this.name} ended with ${exitCode}:\n${this.output}`);
    const answer = await fetch(`${this.opsUrl}/readyz`).catch(() => undefined);
    return answer?.ok === true;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { type StackDescription, until } from '#libs/testing';

/** One more gateway in front of a running store, as a process of its own. */
export class GatewayReplica {
  static async start({ apps, postgres }: StackDescription): Promise<GatewayReplica> {
    const grpc = (app: string) => apps[app]?.grpc ?? '';
    const replica = new GatewayReplica({
      HTTP_LISTEN: '127.0.0.1:0',
      OPS_LISTEN: '127.0.0.1:0',
      DATABASE_URL: postgres.urls.gateway ?? '',
      USERS_ADDRESS: grpc('users'),
      INVENTORY_ADDRESS: grpc('inventory'),
      ORDERS_ADDRESS: grpc('orders'),
      PAYMENTS_ADDRESS: grpc('payments'),
      TOKEN_JWKS_URL: `${apps.users?.ops}/.well-known/jwks.json`,
      DEMO_MODE: 'true',
      OTEL_TRACES_EXPORTER: 'none',
    });
    await until(() => replica.started(), { what: 'another gateway to start', timeout: 60_000 });
    await until(() => replica.isReady(), { what: 'another gateway to be ready', timeout: 60_000 });
    return replica;
  }

  private readonly child: ChildProcess;
  private readonly exit: Promise<unknown>;
  private output = '';

  private constructor(env: Readonly<Record<string, string>>) {
    const args = ['--import', './dist/libs/telemetry/src/register-gateway.js', 'dist/apps/gateway/src/main.js'];
    this.child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.exit = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (!this.started()) this.output += text;
    });
  }

  get url(): string {
    return this.started()?.url ?? '';
  }

  get opsUrl(): string {
    return this.started()?.ops ?? '';
  }

  async close(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.exit;
  }

  private started(): { url: string; ops: string } | undefined {
    if (this.child.exitCode !== null) throw new Error(`the gateway ended with ${this.child.exitCode}:\n${this.output}`);
    const line = this.output.split('\n').find((text) => text.includes('"msg":"gateway started"') && text.endsWith('}'));
    return line === undefined ? undefined : JSON.parse(line);
  }

  private async isReady(): Promise<boolean> {
    return (await fetch(`${this.opsUrl}/readyz`)).ok;
  }
}

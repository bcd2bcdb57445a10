import { type ChildProcess, spawn } from 'node:child_process';
import { type TestCaller, type TestDatabase, testCaller, testDatabase, testKafka, until } from '#libs/testing';

/** The users app as its own process, as it runs in production. */
export class UsersProcess {
  static async start(env: Readonly<Record<string, string>>): Promise<UsersProcess> {
    const [database, kafka, caller] = await Promise.all([testDatabase('users'), testKafka(), testCaller()]);
    const child = runMain({
      OPS_LISTEN: '127.0.0.1:0',
      GRPC_LISTEN: '127.0.0.1:0',
      DATABASE_URL: database.url,
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_TOPIC_PREFIX: kafka.topicPrefix,
      TRUSTED_CALLERS: caller.trustedCallers,
      ORDERS_ADDRESS: '127.0.0.1:1',
      PAYMENTS_ADDRESS: '127.0.0.1:1',
      ...env,
    });
    const running = new UsersProcess(child, database, caller);
    const started = await until(() => running.logged('service started') ?? running.ended(), {
      what: 'users to start',
      timeout: 30_000,
    });
    Object.assign(running, started);
    return running;
  }

  readonly grpc: string = '';
  readonly ops: string = '';
  output = '';
  readonly exit: Promise<number | null>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly database: TestDatabase,
    readonly caller: TestCaller,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.exit = new Promise((resolve) => child.once('exit', resolve));
  }

  /** Fields of the first log line with this message. */
  logged(message: string): Record<string, unknown> | undefined {
    const line = this.output.split('\n').find((text) => text.includes(`"msg":"${message}"`));
    return line === undefined ? undefined : JSON.parse(line);
  }

  terminate(): void {
    this.child.kill('SIGTERM');
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
    await this.exit;
    await this.caller.close();
    await this.database.close();
  }

  private ended(): undefined {
    if (this.child.exitCode !== null) throw new Error(`users ended with ${this.child.exitCode}:\n${this.output}`);
  }
}

/** `node … main.js` with nothing in its environment but `env`. */
export function runMain(env: Readonly<Record<string, string>>): ChildProcess {
  const args = ['--import', './dist/libs/telemetry/src/register.js', 'dist/apps/users/src/main.js'];
  return spawn(process.execPath, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
}

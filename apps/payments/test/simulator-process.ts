import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '#libs/embedded';
import { until } from '#libs/testing';

const PROGRAM = 'dist/apps/payment-simulator/src/main.js';

/** The payment provider as a process of its own, that can die and come back on its port and book. */
export class SimulatorProcess {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly databaseUrl: string,
    private readonly port: number,
  ) {}

  static async start(databaseUrl: string): Promise<SimulatorProcess> {
    execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'ignore' }); // does nothing when it is up to date
    const simulator = new SimulatorProcess(databaseUrl, await freePort());
    await simulator.start();
    return simulator;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.port}`);
  }

  /** Starts it again on its port and book; does nothing while it runs. */
  async start(): Promise<void> {
    if (this.runningChild()) return;
    const { PATH } = process.env;
    const child = spawn(process.execPath, [PROGRAM], {
      env: { PATH, DEMO_MODE: 'true', LOG_LEVEL: 'warn', DATABASE_URL: this.databaseUrl, HTTP_LISTEN: this.url.host },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.child = child;
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`the simulator ended with ${child.exitCode}`);
        return fetch(new URL('/readyz', this.url)).then(
          (response) => response.ok,
          () => false,
        );
      },
      { timeout: 60_000, what: 'the simulator to be ready' },
    ).catch(async (error: unknown) => {
      await this.kill(); // nobody else would
      throw error;
    });
  }

  /** SIGKILL: what it was about to answer is never answered. */
  async kill(): Promise<void> {
    const child = this.runningChild();
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  close(): Promise<void> {
    return this.kill();
  }

  private runningChild(): ChildProcess | undefined {
    return this.child?.exitCode === null && this.child.signalCode === null ? this.child : undefined;
  }
}

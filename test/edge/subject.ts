import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const START_LIMIT_MS = 30_000;

export interface GatewayOptions {
  readonly name: string;
  /** What `npm run build` made. */
  readonly dist: string;
  /** For its configuration. */
  readonly folder: string;
  readonly descriptors: string;
  /** host:port. */
  readonly upstream: string;
  /** Default: that of library.proto. */
  readonly service?: string;
  /** More of its API's configuration. */
  readonly api?: object;
}

/** A server in a process of its own, whose CPU time is read. */
export class Subject {
  readonly name: string;
  readonly url: string;
  private readonly child: ChildProcess;

  /** A build of the gateway, as it runs in production but without telemetry; its log goes nowhere. */
  static async gateway(options: GatewayOptions): Promise<Subject> {
    const { name, dist, folder, descriptors, upstream, service = 'library.v1.Library' } = options;
    mkdirSync(folder);
    const api = {
      ...{ name: 'library', descriptors, defaultPolicy: { public: true }, allowPublicDefault: true },
      ...{ upstreams: { [service]: upstream }, ...options.api },
    };
    const file = join(folder, 'gateway.yaml');
    const port = await freePort();
    const listen = { http: `127.0.0.1:${port}`, ops: '127.0.0.1:0' };
    writeFileSync(file, JSON.stringify({ listen, apis: [api], outgoing: { allow: ['127.0.0.1'], allowLocal: true } }));
    const child = spawn(process.execPath, ['dist/apps/gateway/src/main.js', '--config', file], {
      cwd: join(dist, '..'),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const subject = new Subject(name, `http://127.0.0.1:${port}`, child);
    await subject.answers('/healthz');
    return subject;
  }

  /** node:http that says the same to everybody: what no gateway on it can do better. */
  static async bare(): Promise<Subject> {
    const port = await freePort();
    const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-server.mjs'), String(port)], {
      stdio: 'inherit',
    });
    const subject = new Subject('node:http', `http://127.0.0.1:${port}`, child);
    await subject.answers('/healthz');
    return subject;
  }

  private constructor(name: string, url: string, child: ChildProcess) {
    this.name = name;
    this.url = url;
    this.child = child;
  }

  /** User and system time of all its threads until now, in microseconds. */
  cpuMicros(): number {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'latin1');
    // The name of the program, in brackets, may have spaces (proc(5)): utime is the 12th field behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * (1_000_000 / CLOCK_TICKS);
  }

  /** Resident memory now, by the system. */
  rssBytes(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  stop(): void {
    this.child.kill();
  }

  private async answers(path: string): Promise<void> {
    const end = performance.now() + START_LIMIT_MS;
    while (!(await fetch(this.url + path).catch(() => undefined))?.ok) {
      if (performance.now() > end || this.child.exitCode !== null) throw new Error(`${this.name} does not answer`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const CLOCK_TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** The services behind the gateways, in one process of their own. */
export async function startUpstream(descriptors: string): Promise<{ address: string; stop(): void }> {
  const typescript = join(import.meta.dirname, '../typescript.mjs');
  const flags = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning', '--import', typescript];
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, 'upstream.ts'), descriptors], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
  child.once('exit', () => reject(new Error('the upstream has ended')));
  return { address: await promise, stop: () => child.kill() };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

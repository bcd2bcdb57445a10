import { execFile } from 'node:child_process';
import { freePort, repositoryFolder } from '#libs/embedded';
import { until } from '#libs/testing';

const MOST_OUTPUT = 64 * 1024 * 1024;

export interface ComposeOptions {
  /** Layers besides docker-compose.yml, as their files in deploy/compose are called: `replicas`. */
  readonly layers?: readonly string[];
  /** Layers of a test's own. */
  readonly files?: readonly string[];
  /** How many containers of a service, where it is not one. */
  readonly scale?: Readonly<Record<string, number>>;
  /** Variables of the compose files. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A container of the store, as `docker compose ps` tells it. */
export interface Container {
  readonly ID: string;
  readonly Name: string;
  readonly Service: string;
  /** running, exited, restarting… */
  readonly State: string;
  /** healthy, unhealthy, starting; empty where there is no check. */
  readonly Health: string;
  readonly ExitCode: number;
}

type PublishedPort = 'GATEWAY_PORT' | 'JAEGER_PORT' | 'PROMETHEUS_PORT' | 'GRAFANA_PORT';

const UP_MS = 600_000;

/** scripts/test-compose.mjs takes down what begins so. */
const PROJECTS = process.env.COMPOSED_PROJECTS ?? `ineedthatfast-test-${process.pid}-`;

let stores = 0;

/**
 * The store of docker-compose.yml, under a project name and on ports of its own. Knows nothing of what is inside but the names
 * of the services.
 */
export class ComposedStore {
  static async prepare(options: ComposeOptions = {}): Promise<ComposedStore> {
    const ports = {
      GATEWAY_PORT: await freePort(),
      JAEGER_PORT: await freePort(),
      PROMETHEUS_PORT: await freePort(),
      GRAFANA_PORT: await freePort(),
    };
    return new ComposedStore(`${PROJECTS}${++stores}`, ports, options);
  }

  /** A store that is up: every container healthy, every job done. */
  static async start(options: ComposeOptions = {}): Promise<ComposedStore> {
    const store = await ComposedStore.prepare(options);
    try {
      await store.up();
    } catch (error) {
      await store.clear();
      throw error;
    }
    return store;
  }

  private constructor(
    readonly project: string,
    private readonly ports: Readonly<Record<PublishedPort, number>>,
    private readonly options: ComposeOptions,
  ) {}

  get gatewayUrl(): string {
    return this.url('GATEWAY_PORT');
  }

  get jaegerUrl(): string {
    return this.url('JAEGER_PORT');
  }

  get prometheusUrl(): string {
    return this.url('PROMETHEUS_PORT');
  }

  /** Builds and starts what is not there, and waits until all is well. @throws with the last words of what is not */
  async up(): Promise<void> {
    const begin = performance.now();
    say(`${this.project}: docker compose up, the gateway at ${this.gatewayUrl}`);
    const scale = Object.entries(this.options.scale ?? {}).flatMap(([service, count]) => [
      '--scale',
      `${service}=${count}`,
    ]);
    try {
      await this.compose(['up', '--detach', '--build', '--wait', ...scale], UP_MS);
      await this.untilWell();
    } catch (error) {
      throw new Error(`the store did not come up:\n${message(error)}\n${await this.lastWords()}`, { cause: error });
    }
    say(`${this.project}: all is well after ${Math.round((performance.now() - begin) / 1000)} s`);
  }

  /** Every container runs and is healthy; a job has ended with 0. */
  async untilWell(timeout = 180_000): Promise<void> {
    let ill: Container[] = [];
    const look = async () => {
      ill = (await this.containers()).filter((container) => !isWell(container));
      return ill.length === 0;
    };
    const what = `all containers of ${this.project} to be healthy`;
    await until(look, { timeout, interval: 500, what }).catch((error: Error) => {
      throw new Error(
        `${error.message}; not well: ${ill.map(({ Name, State, Health }) => `${Name} ${State} ${Health}`)}`,
      );
    });
  }

  /** All of its containers, those that ended too. */
  async containers(service = ''): Promise<Container[]> {
    const output = await this.compose(['ps', '--all', '--format', 'json', ...(service ? [service] : [])]);
    return output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  /** Kills every container of the service, and resolves when it is down. It stays down. */
  async kill(service: string): Promise<void> {
    say(`${this.project}: SIGKILL to ${service}`);
    await this.compose(['kill', '--signal', 'SIGKILL', service]);
    const down = async () => (await this.containers(service)).every(({ State }) => State === 'exited');
    await until(down, { timeout: 30_000, interval: 100, what: `${service} to be dead` });
  }

  /** Starts a service that was killed or stopped; resolves when all of the store is well. */
  async startAgain(service: string): Promise<void> {
    await this.compose(['start', service]);
    await this.untilWell();
    say(`${this.project}: ${service} is back`);
  }

  /** SIGTERM to one container, as a roll-out sends it; resolves when it is back and healthy. */
  async restart({ ID, Name }: Container): Promise<void> {
    await docker(['restart', ID], { timeout: 60_000 });
    const isBack = async () => (await this.containers()).some((found) => found.ID === ID && isWell(found));
    await until(isBack, { timeout: 120_000, interval: 500, what: `${Name} to be back` });
    say(`${this.project}: ${Name} restarted`);
  }

  /** What its containers have said with these words in it, e.g. a trace id. */
  async saidOf(words: string): Promise<string[]> {
    const log = await this.compose(['logs', '--no-color', '--since', '30m'], 120_000);
    return lines(log).filter((line) => line.includes(words));
  }

  /** Stops and removes all containers and the network; volumes stay. */
  async down(): Promise<void> {
    await this.compose(['--profile', '*', 'down', '--remove-orphans'], 120_000);
  }

  /** The same with the volumes: nothing of it is left. */
  async clear(): Promise<void> {
    await this.compose(['--profile', '*', 'down', '--volumes', '--remove-orphans'], 120_000);
    say(`${this.project}: cleared`);
  }

  /**
   * Reads the databases and topics of the store from inside its network, where alone they can be reached, and gives what does not
   * hold, see test/invariants.
   */
  async violations(patienceSeconds = 60): Promise<unknown[]> {
    const check = ['run', '--rm', '--no-TTY', 'check', '--json', '--patience', String(patienceSeconds)];
    const { code, stdout, stderr } = await this.attempt(check, patienceSeconds * 1000 + 180_000);
    if (code > 1) throw new Error(`the invariants could not be checked:\n${stderr}`);
    return lines(stdout).map((line) => JSON.parse(line));
  }

  /** What of it the engine still has: containers, volumes and networks with its label, one per line. */
  async remains(): Promise<{ containers: string[]; volumes: string[]; networks: string[] }> {
    const filter = ['--filter', `label=com.docker.compose.project=${this.project}`];
    return {
      containers: lines((await docker(['ps', '--all', '--format', '{{.Names}}', ...filter])).stdout),
      volumes: lines((await docker(['volume', 'ls', '--format', '{{.Name}}', ...filter])).stdout),
      networks: lines((await docker(['network', 'ls', '--format', '{{.Name}}', ...filter])).stdout),
    };
  }

  /** `docker compose …` on this store; its standard output. @throws with what it said when it fails */
  async compose(args: readonly string[], timeout = 60_000): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(args, timeout);
    if (code !== 0) throw new Error(`docker compose ${args.join(' ')} ended with ${code}:\n${stderr.trim()}`);
    return stdout;
  }

  private attempt(args: readonly string[], timeout: number): Promise<Ended> {
    const { layers = [], files: own = [] } = this.options;
    const place = ['compose', '--progress', 'quiet', '--project-name', this.project];
    const published = [...layers, 'check'].map((layer) => `deploy/compose/${layer}.yml`);
    const files = ['docker-compose.yml', ...published, ...own].flatMap((file) => ['--file', file]);
    return docker([...place, ...files, ...args], {
      timeout,
      environment: { ...this.environment(), ...this.options.environment },
    });
  }

  private environment(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.ports).map(([name, port]) => [name, String(port)]));
  }

  private url(name: PublishedPort): string {
    return `http://127.0.0.1:${this.ports[name]}`;
  }

  /** The last lines of every container that is not well. */
  private async lastWords(): Promise<string> {
    const ill = (await this.containers()).filter((container) => !isWell(container));
    const words = ill.map(async ({ Service, Name, State, Health, ExitCode }) => {
      const log = await this.compose(['logs', '--no-color', '--no-log-prefix', '--tail', '25', Service]);
      return `--- ${Name}: ${State} ${Health} ${ExitCode}\n${log}`;
    });
    return (await Promise.all(words)).join('\n');
  }
}

/** A container without a check that runs is well; one that ended is, if it was a job and did its work. */
function isWell({ State, Health, ExitCode }: Container): boolean {
  return State === 'running' ? Health === 'healthy' || Health === '' : State === 'exited' && ExitCode === 0;
}

interface DockerOptions {
  readonly timeout?: number;
  readonly environment?: NodeJS.ProcessEnv;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A docker command, ended; one that had to be stopped by its time limit ends with 124. */
export async function docker(args: readonly string[], { timeout, environment }: DockerOptions = {}): Promise<Ended> {
  const options = { cwd: repositoryFolder(), env: { ...process.env, ...environment }, maxBuffer: MOST_OUTPUT, timeout };
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile('docker', [...args], options, (error, stdout, stderr) => {
    const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 124;
    resolve({ code, stdout, stderr: error && !stderr ? error.message : stderr });
  });
  return promise;
}

/** Progress for who watches a long run; jest keeps what tests write to the console to itself. */
export function say(line: string): void {
  process.stderr.write(`[${new Date().toISOString().slice(11, 19)}] ${line}\n`);
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

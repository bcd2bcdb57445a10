import { readFileSync, rmSync } from 'node:fs';
import { type EmbeddedServer, endOrphans, type StackDescription, timed } from '#libs/embedded';
import { appProcess } from './app-process.js';
import { apps, type Place, readyUrl, roles } from './apps.js';
import { identitiesOf, kafkaSecrets } from './kafka-identities.js';
import { KeptAlive, type KeptAliveEvents } from './kept-alive.js';
import { makeLocalOperator } from './local-operator.js';
import { LogTail } from './log-tail.js';
import { migrate } from './migrate.js';
import { OperatorDesk } from './operator.js';
import { assertPortsFree, choosePorts, type PortName, type Ports } from './ports.js';
import { untilReady } from './readiness.js';
import { broker, database, roleUrls, type ServersPlan, type StartedServer, traceViewer } from './servers.js';
import type { Settings } from './settings.js';
import { describeStack, viewerUrl } from './stack-file.js';
import { type StoreFolder, writeAtomically } from './store-folder.js';
import { say } from './terminal.js';

interface Foundation {
  place: Place;
  databaseUrl: string;
}

/** A whole store: servers, apps, and what keeps them alive. One of them per process. */
export class Store {
  private readonly parts: KeptAlive[] = [];
  private readonly tails: LogTail[] = [];
  private readonly desk: OperatorDesk;
  private foundation: Foundation | undefined;
  private beginning: Promise<unknown> = Promise.resolve();
  private ready = false;

  constructor(
    private readonly settings: Settings,
    private readonly folder: StoreFolder,
    private readonly stop: AbortSignal,
  ) {
    this.desk = new OperatorDesk(folder.operatorFile, () => this.parts);
  }

  /** Starts everything and resolves when every /readyz says 200. @throws when something cannot be started */
  begin(): Promise<StackDescription> {
    const beginning = this.startAll();
    this.beginning = beginning.catch(() => {}); // told to the caller; end() only waits
    return beginning;
  }

  /** Stops everything in order: what takes requests, what answers them, what they use. */
  async end(): Promise<void> {
    await this.beginning;
    this.ready = false;
    rmSync(this.folder.stackFile, { force: true });
    this.desk.close();
    const groups = [['gateway'], ['orders', 'payments', 'inventory', 'users'], ['payment-simulator']];
    for (const group of groups) await this.stopParts((part) => group.includes(part.name));
    for (const tail of this.tails) tail.close();
    await this.stopParts(() => true);
  }

  private async startAll(): Promise<StackDescription> {
    await this.recover();
    const ports = await choosePorts(this.settings.portOffset);
    await assertPortsFree(ports, this.unusedPorts());
    const foundation = await this.startServers(ports);
    this.foundation = foundation;
    this.stop.throwIfAborted();
    await this.startApps(foundation.place);
    await this.desk.open();
    this.ready = true;
    if (!this.settings.ownTelemetry) void this.startViewer(ports);
    return this.writeStack(foundation);
  }

  /** Ends what an earlier launcher left running when it was killed. */
  private async recover(): Promise<void> {
    rmSync(this.folder.stackFile, { force: true });
    const apps = await endOrphans(this.folder.pidFolder, 'SIGTERM');
    const folders = (['postgres', 'kafka', 'zipkin'] as const).map((name) => this.folder.server(name));
    const servers = await Promise.all(folders.map((folder) => endOrphans(folder, 'SIGINT')));
    const ended = [...apps, ...servers.flat()];
    if (ended.length > 0)
      say(`An earlier launcher was killed: ended the ${ended.length} processes that it left running`);
  }

  private unusedPorts(): PortName[] {
    const { databaseUrl, brokers, ownTelemetry } = this.settings;
    return [
      ...(databaseUrl ? (['PostgreSQL'] as const) : []),
      ...(brokers ? (['Kafka', "Kafka's controller"] as const) : []),
      ...(ownTelemetry ? (['Zipkin, the trace viewer'] as const) : []),
    ];
  }

  private async startServers(ports: Ports): Promise<Foundation> {
    const plan: ServersPlan = { settings: this.settings, ports, folder: this.folder, say, stop: this.stop };
    const passwords = this.folder.secrets(['postgres', ...roles, ...kafkaSecrets]);
    const kafkaIdentities = this.settings.kafkaIdentities ? identitiesOf(passwords) : undefined;
    await makeLocalOperator(this.folder);
    const starts = [
      timed(say, 'Starting PostgreSQL', () => database(plan, passwords.postgres)).then((it) =>
        this.keep('postgres', it),
      ),
      timed(say, 'Starting Kafka', () => broker(plan, kafkaIdentities)).then((it) => this.keep('kafka', it)),
    ] as const;
    await Promise.allSettled(starts); // both, so that none is still starting when the other one's failure ends us
    const [databaseUrl, brokers] = await Promise.all(starts);
    this.stop.throwIfAborted();
    await timed(say, 'Preparing schemas, roles and topics', () =>
      migrate({ databaseUrl, brokers, kafkaIdentities, passwords, say }),
    );
    return {
      databaseUrl,
      place: {
        ...{ ports, brokers, databases: roleUrls(databaseUrl, passwords), telemetry: this.telemetry(ports) },
        operatorCredentials: this.folder.operatorCredentials,
        kafkaIdentities,
      },
    };
  }

  private keep(name: string, { address, server }: StartedServer): string {
    if (server) this.parts.push(this.keptAlive(name, server));
    return address;
  }

  private telemetry(ports: Ports): Record<string, string> {
    if (this.settings.ownTelemetry) return {};
    return {
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${viewerUrl(ports)}/api/v2/spans`,
      OTEL_BSP_SCHEDULE_DELAY: '1000', // milliseconds: who looks for a trace need not wait
      OTEL_METRICS_EXPORTER: 'none', // Prometheus asks for them at /metrics
      OTEL_LOGS_EXPORTER: 'none',
    };
  }

  private async startApps(place: Place): Promise<void> {
    await timed(say, 'Starting the apps', () => Promise.all(apps.map((app) => this.startApp(app, place))));
  }

  private async startApp(app: (typeof apps)[number], place: Place): Promise<void> {
    this.folder.turnLog(app.name);
    this.tails.push(new LogTail({ app: app.name, file: this.folder.logFile(app.name), say }));
    const part = this.keptAlive(app.name, appProcess(app, place, this.folder));
    this.parts.push(part);
    await part.start();
    const hopeless = () => {
      if (this.stop.aborted) return 'the store is being stopped';
      return part.state === 'given up' ? `it cannot run:\n${lastLines(this.folder.logFile(app.name))}` : undefined;
    };
    await untilReady({ name: app.name, url: readyUrl(app, place.ports), hopeless });
    say(`  ${app.name} is ready`);
  }

  private async startViewer(ports: Ports): Promise<void> {
    const plan: ServersPlan = { settings: this.settings, ports, folder: this.folder, say, stop: this.stop };
    const start = timed(say, 'Starting the trace viewer', () => traceViewer(plan)).then((viewer) => {
      if (viewer) this.keep('zipkin', { address: viewerUrl(ports), server: viewer });
      this.changed();
    });
    this.beginning = start;
    await start;
  }

  private keptAlive(name: string, server: EmbeddedServer): KeptAlive {
    return new KeptAlive(name, server, {
      say,
      changed: () => this.changed(),
      gaveUp: (part, why) => this.gaveUp(part, why),
    });
  }

  private changed(): void {
    if (this.ready && this.foundation) this.writeStack(this.foundation);
  }

  private writeStack({ place, databaseUrl }: Foundation): StackDescription {
    const pidOf = (name: string) => this.parts.find((part) => part.name === name)?.pid;
    const { operatorToken } = this.folder;
    const stack = describeStack({ place, databaseUrl, operatorToken, viewer: !this.settings.ownTelemetry, pidOf });
    writeAtomically(this.folder.stackFile, stack);
    return stack;
  }

  private gaveUp(name: string, why: Parameters<KeptAliveEvents['gaveUp']>[1]): void {
    const bar = '!'.repeat(80);
    const cause = why === 'configuration' ? 'says that its configuration is wrong' : 'died five times within a minute';
    say(`${bar}\n${name} ${cause} and stays down. Its last words, from ${this.folder.logFile(name)}:`);
    say(lastLines(this.folder.logFile(name)));
    say(`When it is mended: npm run store -- start ${name}\n${bar}`);
  }

  private async stopParts(which: (part: KeptAlive) => boolean): Promise<void> {
    const stopped = this.parts.filter((part) => which(part) && part.state !== 'stopped');
    if (stopped.length === 0) return;
    await timed(say, `Stopping ${stopped.map((part) => part.name).join(', ')}`, () =>
      Promise.allSettled(stopped.map((part) => part.stop())),
    );
  }
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
  } catch {
    return '(it wrote nothing)';
  }
}

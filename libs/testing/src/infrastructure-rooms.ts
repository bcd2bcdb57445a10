import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type EmbeddedServer, type Kafka, type Postgres, startKafka, startPostgres } from '#libs/embedded';
import { subfolder } from './run-folder.js';
import { runStore } from './running-store.js';

type Description = Record<string, unknown>;

/** What the process of the infrastructure can give: shared servers, started at the first call, and servers of one test. */
export class InfrastructureRooms {
  private readonly shared = new Map<string, Promise<Description>>();
  private readonly own = new Map<string, EmbeddedServer>();
  private readonly closers: (() => Promise<void>)[] = [];
  private readonly starting = new Set<Promise<unknown>>();

  constructor(private readonly folder: string) {}

  /** `/postgres`, `/kafka`, `/store`, `/folder`; `/own/postgres`, `/own/kafka`; `/own/<id>/start|stop|kill` */
  async answer(path: string): Promise<Description> {
    const [first = '', second = '', verb = ''] = path.slice(1).split('/');
    if (first === 'folder') return { folder: subfolder(this.folder, `test-${randomBytes(4).toString('hex')}`) };
    if (first !== 'own') return this.openShared(first);
    const server = this.own.get(second);
    return server ? act(server, verb) : this.openOwn(second);
  }

  /** Stops all that was started, and what is still starting. */
  async close(): Promise<void> {
    await Promise.allSettled(this.starting);
    await Promise.allSettled(this.closers.map((close) => close()));
  }

  // A failed start fails for everybody who asks: the same error again at once instead of one wait after the other.
  private openShared(name: string): Promise<Description> {
    const opened =
      this.shared.get(name) ?? this.follow(name === 'store' ? this.store() : this.server(name, `shared-${name}`));
    this.shared.set(name, opened);
    return opened;
  }

  private openOwn(name: string): Promise<Description> {
    return this.follow(this.server(name, `${name}-${randomBytes(4).toString('hex')}`));
  }

  private follow<T>(start: Promise<T>): Promise<T> {
    this.starting.add(start);
    return start;
  }

  private async server(name: string, id: string): Promise<Description> {
    const server = await this.startServer(name, subfolder(this.folder, id));
    this.own.set(id, server);
    this.closers.push(() => server.kill()); // nobody needs its data: no flush, no checkpoint
    return {
      id,
      url: 'url' in server ? server.url : undefined,
      brokers: 'brokers' in server ? server.brokers : undefined,
    };
  }

  private startServer(name: string, folder: string): Promise<Kafka | Postgres> {
    if (name === 'kafka') return startKafka({ folder });
    if (name === 'postgres')
      return startPostgres({ folder, password: randomBytes(12).toString('hex'), durable: false });
    throw new Error(`there is no server named "${name}"`);
  }

  private async store(): Promise<Description> {
    const folder = subfolder(this.folder, 'store');
    // As npm start, with the trace viewer; and pages of any origin may call it.
    const store = runStore(folder, { OTEL_TRACES_EXPORTER: '', CORS_ORIGINS: '*' });
    this.closers.push(() => store.stop());
    await store.ready();
    return { stackFile: join(folder, 'stack.json') };
  }
}

async function act(server: EmbeddedServer, verb: string): Promise<Description> {
  if (verb === 'start') await server.start();
  else if (verb === 'stop') await server.stop();
  else if (verb === 'kill') await server.kill();
  else throw new Error(`there is no verb "${verb}" for a server: start, stop or kill`);
  return {};
}

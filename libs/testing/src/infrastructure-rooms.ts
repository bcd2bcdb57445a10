import { randomBytes } from 'node:crypto';
import { type Kafka, type Postgres, startKafka, startPostgres } from '#libs/embedded';
import { subfolder } from './run-folder.js';
import { type RunningStore, runStore } from './running-store.js';

/** What the process of the infrastructure can give, started at the first call and then shared. */
export class InfrastructureRooms {
  private readonly opened = new Map<string, Promise<unknown>>();
  private readonly closers: (() => Promise<void>)[] = [];
  private readonly openers: Record<string, () => Promise<unknown>> = {
    postgres: () => this.postgres(),
    kafka: () => this.kafka(),
    store: () => this.store(),
  };

  constructor(private readonly folder: string) {}

  /** Starts it or waits for the start that another test asked for; a failed start fails for everybody. */
  open(name: string): Promise<unknown> {
    const opener = this.openers[name];
    if (opener === undefined) throw new Error(`there is no "${name}" among ${Object.keys(this.openers)}`);
    const opened = this.opened.get(name) ?? opener();
    this.opened.set(name, opened);
    return opened;
  }

  /** Stops all that was started, the store before what others use. */
  async close(): Promise<void> {
    await Promise.allSettled(this.opened.values()); // what is still starting is stopped too
    await Promise.allSettled(this.closers.map((close) => close()));
  }

  private async postgres() {
    const postgres: Postgres = await startPostgres({
      folder: subfolder(this.folder, 'postgres'),
      password: randomBytes(12).toString('hex'),
      durable: false,
    });
    this.closers.push(() => postgres.kill()); // nobody needs its data: no checkpoint
    return { url: postgres.url };
  }

  private async kafka() {
    const kafka: Kafka = await startKafka({ folder: subfolder(this.folder, 'kafka') });
    this.closers.push(() => kafka.kill());
    return { brokers: kafka.brokers };
  }

  private async store() {
    const store: RunningStore = await runStore(subfolder(this.folder, 'store'));
    this.closers.push(() => store.stop());
    return store.description;
  }
}

import { setTimeout } from 'node:timers/promises';
import pg from 'pg';

const RECONNECT_AFTER_MS = 1_000;

/**
 * Listens to one channel on a connection of its own, which it renews when it is lost. Calls `onNotification` also after
 * each connect, since something may have been missed.
 */
export class Listener {
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private client: pg.Client | undefined;

  constructor(
    private readonly options: { url: string; applicationName: string; channel: string },
    private readonly onNotification: () => void,
  ) {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.client?.end().catch(() => {}); // a connection that is lost already has ended
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      // Whatever ended the connection, the next one makes up for it; users of a channel poll besides.
      await this.listenUntilLost().catch(() => {});
      await setTimeout(RECONNECT_AFTER_MS, undefined, { signal: this.stopping.signal }).catch(() => {});
    }
  }

  private async listenUntilLost(): Promise<void> {
    const { url, applicationName, channel } = this.options;
    const client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    this.client = client;
    const lost = new Promise<void>((resolve) => client.once('end', resolve).once('error', () => resolve()));
    client.on('error', () => {});
    client.on('notification', () => this.onNotification());
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      this.onNotification();
      if (!this.stopping.signal.aborted) await lost;
    } finally {
      await client.end().catch(() => {}); // what has failed is told by what failed first
    }
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import { Listener } from './listener.js';
import { notify } from './notifications.store.js';
import { openPool, type PoolOptions } from './pool.js';

export type DatabaseOptions = PoolOptions;

interface Running<S> {
  readonly transaction: Transaction<S>;
  readonly afterCommit: (() => void)[];
}

/**
 * The tables `S` of one service. Whoever asks for `db` inside `transaction` gets the running transaction, so stores
 * need not pass it on: state, outbox and inbox commit together.
 */
export class Database<S = unknown> {
  private readonly logger = new Logger(Database.name);
  private readonly running = new AsyncLocalStorage<Running<S> | undefined>();
  private readonly pool: Kysely<S>;
  private closed: Promise<void> | undefined;

  constructor(private readonly options: DatabaseOptions) {
    const pool = openPool(options, (error) => this.logger.warn(`Lost a database connection: ${error.message}`));
    this.pool = new Kysely<S>({ dialect: new PostgresDialect({ pool }) });
  }

  /** The running transaction, else the pool. */
  get db(): Kysely<S> {
    return this.running.getStore()?.transaction ?? this.pool;
  }

  get inTransaction(): boolean {
    return this.running.getStore() !== undefined;
  }

  /** Runs `work` in a transaction (read committed); inside another one it joins that. Rolls back when `work` throws. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    if (this.inTransaction) return work();
    const afterCommit: (() => void)[] = [];
    const result = await this.pool
      .transaction()
      .execute((transaction) => this.running.run({ transaction, afterCommit }, work));
    this.running.run(undefined, () => {
      for (const hook of afterCommit) this.call(hook);
    });
    return result;
  }

  /** Calls `work` once the running transaction has committed, never when it rolls back; at once where none runs. */
  afterCommit(work: () => void): void {
    const running = this.running.getStore();
    if (running) running.afterCommit.push(work);
    else this.call(work);
  }

  /** Wakes everybody who listens to the channel, by a connection outside the running transaction. */
  notify(channel: string): Promise<void> {
    return notify(this.pool, channel);
  }

  /**
   * Calls `onNotification` for each NOTIFY on the channel, and once after each (re)connect. Channels belong to the whole
   * database: put the service's name into it. Close the listener before the database.
   */
  listen(channel: string, onNotification: () => void): Listener {
    const { url, applicationName } = this.options;
    return new Listener({ url, applicationName: `${applicationName} listener`, channel }, onNotification);
  }

  /** The same database seen through other tables, e.g. those that a library brings. */
  withTables<T>(): Database<T> {
    return this as unknown as Database<T>;
  }

  /**
   * Closes all connections once their transactions have ended; does not wait longer than `limitMs` for one that hangs,
   * the end of the process rolls it back. A second call waits for the first.
   */
  close(limitMs = 2_000): Promise<void> {
    this.closed ??= Promise.race([this.pool.destroy(), delay(limitMs, undefined, { ref: false })]);
    return this.closed;
  }

  // The transaction has committed: a failing hook must not make its caller believe otherwise.
  private call(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.logger.error(error);
    }
  }
}

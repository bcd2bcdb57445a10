import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Observable, Subject } from 'rxjs';
import { BackgroundJob } from '#libs/background';
import { Database, type Listener } from '#libs/database';
import { ACCESS_TOKEN_SECONDS } from '../access-tokens.js';
import { EndedSessionsStore } from './ended-sessions.store.js';

/** The trigger of migration 0002 notifies it. */
const CHANNEL = 'users_sessions_ended';
/** A notification can get lost with its connection: this is how late an end can be seen then. */
const POLL_MS = 500;
/** Longer than any transaction that ends sessions may take between the end and its commit. */
const LOOK_BACK_SECONDS = 60;
/** The last access token of a session may be some seconds younger than its end, and verifiers allow for clocks. */
const MARGIN_SECONDS = 60;
export const REMEMBER_SECONDS = ACCESS_TOKEN_SECONDS + MARGIN_SECONDS;
const CHUNK = 5_000;

/** A part of what watchers are told. */
export interface Told {
  readonly sessions: readonly { readonly sessionId: string; readonly forgetTime: Date }[];
  /** Undefined where more parts follow at once. */
  readonly asOf: Date | undefined;
}

/** Knows the sessions that ended lately, on every replica, and tells of each read: one reader for all watchers. */
@Injectable()
export class EndedSessionsFeed implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(EndedSessionsFeed.name);
  private readonly known = new Map<string, Date>();
  private readonly told = new Subject<Told>();
  private readonly job = new BackgroundJob(() => this.read(), {
    intervalMs: POLL_MS,
    // Watchers see from the missing asOf that nothing is known meanwhile.
    onFailure: (error) => this.logger.warn(`ended sessions could not be read: ${error}`),
  });
  private asOf: Date | undefined;
  private listener: Listener | undefined;

  constructor(
    private readonly database: Database,
    private readonly store: EndedSessionsStore,
  ) {}

  onApplicationBootstrap(): void {
    this.listener = this.database.listen(CHANNEL, () => this.job.wake());
    this.job.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.job.stop(), this.listener?.close()]);
  }

  /** Everything that is known, then what each read finds, also when it is nothing: `asOf` goes on. */
  watch(): Observable<Told> {
    return new Observable((subscriber) => {
      if (this.asOf) for (const part of parts([...this.known], this.asOf)) subscriber.next(part);
      return this.told.subscribe(subscriber);
    });
  }

  private async read(): Promise<void> {
    const { sessions, asOf } = await this.store.endedWithin(this.asOf ? this.lookBack(this.asOf) : REMEMBER_SECONDS);
    const young: [string, Date][] = [];
    for (const { sessionId, endTime } of sessions) {
      if (this.known.has(sessionId)) continue;
      young.push([sessionId, new Date(endTime.getTime() + REMEMBER_SECONDS * 1000)]);
    }
    for (const [sessionId, forgetTime] of young) this.known.set(sessionId, forgetTime);
    for (const [sessionId, forgetTime] of this.known) if (forgetTime < asOf) this.known.delete(sessionId);
    this.asOf = asOf;
    for (const part of parts(young, asOf)) this.told.next(part);
  }

  /** After an outage of the database as far as the last read, whatever the time that it took. */
  private lookBack(asOf: Date): number {
    return Math.min(REMEMBER_SECONDS, LOOK_BACK_SECONDS + Math.max(0, Date.now() - asOf.getTime()) / 1000);
  }
}

function* parts(sessions: readonly [string, Date][], asOf: Date): Generator<Told> {
  for (let at = 0; at === 0 || at < sessions.length; at += CHUNK) {
    const chunk = sessions.slice(at, at + CHUNK);
    yield {
      sessions: chunk.map(([sessionId, forgetTime]) => ({ sessionId, forgetTime })),
      asOf: at + CHUNK < sessions.length ? undefined : asOf,
    };
  }
}

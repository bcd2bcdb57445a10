import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { REMEMBER_SECONDS } from './ended-sessions/ended-sessions.feed.js';
import { EndedSessionsStore } from './ended-sessions/ended-sessions.store.js';
import { SessionsStore } from './sessions.store.js';

const INTERVAL_MS = 60_000;
const BATCH = 1_000;
/** A replica that was stopped for so long still finds what it has missed. */
const KEEP_ENDED_SECONDS = 2 * REMEMBER_SECONDS;

/** Removes what has expired, in small steps, once a minute. */
@Injectable()
export class SessionPurge implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SessionPurge.name);
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly sessions: SessionsStore,
    private readonly ended: EndedSessionsStore,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running = this.purge();
    }, INTERVAL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Public for tests: what the timer does. */
  async purge(): Promise<void> {
    try {
      while (!this.stopped && (await this.sessions.removeExpired(BATCH)) === BATCH);
      while (!this.stopped && (await this.ended.removeOlderThan(KEEP_ENDED_SECONDS, BATCH)) === BATCH);
    } catch (error) {
      this.logger.warn(`expired sessions could not be removed: ${error}`);
    }
  }
}

import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { BackgroundJob } from '#libs/background';
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
  private readonly job = new BackgroundJob((signal) => this.purge(signal), {
    ...{ intervalMs: INTERVAL_MS, firstAfterMs: INTERVAL_MS },
    onFailure: (error) => this.logger.warn(`expired sessions could not be removed: ${error}`),
  });

  constructor(
    private readonly sessions: SessionsStore,
    private readonly ended: EndedSessionsStore,
  ) {}

  onApplicationBootstrap(): void {
    this.job.start();
  }

  /** Waits for the step at hand. */
  onModuleDestroy(): Promise<void> {
    return this.job.stop();
  }

  /** Public for tests: what the job does. */
  async purge(signal?: AbortSignal): Promise<void> {
    while (!signal?.aborted && (await this.sessions.removeExpired(BATCH)) === BATCH);
    while (!signal?.aborted && (await this.ended.removeOlderThan(KEEP_ENDED_SECONDS, BATCH)) === BATCH);
  }
}

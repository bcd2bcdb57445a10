import type { LoggerService } from '@nestjs/common';
import { BackgroundJob } from '#libs/background';
import type { Database } from '#libs/database';
import { purgeInbox } from './inbox.store.js';
import type { MessagingTables } from './tables.js';
import { TOPIC_RETENTION_DAYS } from './topics.js';

const EVERY_MS = 3_600_000;
const AT_ONCE = 10_000;

/** Forgets inbox rows of messages that Kafka has forgotten too, every hour. */
export class InboxPurge {
  private readonly job: BackgroundJob;

  constructor(
    private readonly database: Database<MessagingTables>,
    private readonly retentionDays: number,
    logger: Pick<LoggerService, 'warn'>,
  ) {
    if (retentionDays <= 2 * TOPIC_RETENTION_DAYS) {
      throw new Error(
        `inboxRetentionDays is ${retentionDays}: must be more than ${2 * TOPIC_RETENTION_DAYS}, the days that a message may lie in its topic and then as a dead letter`,
      );
    }
    const purge = async (signal: AbortSignal) => {
      await this.run(signal);
    };
    const onFailure = (error: unknown) => logger.warn(`old rows of the inbox could not be removed: ${error}`);
    this.job = new BackgroundJob(purge, { intervalMs: EVERY_MS, firstAfterMs: EVERY_MS, onFailure });
  }

  start(): void {
    this.job.start();
  }

  /** Waits for the step at hand. */
  stop(): Promise<void> {
    return this.job.stop();
  }

  /** Resolves to the number of rows that were forgotten. */
  async run(signal?: AbortSignal): Promise<number> {
    let total = 0;
    for (let purged = AT_ONCE; purged === AT_ONCE && !signal?.aborted; total += purged) {
      purged = await purgeInbox(this.database.db, this.retentionDays, AT_ONCE);
    }
    return total;
  }
}

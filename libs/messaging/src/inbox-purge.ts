import type { Database } from '#libs/database';
import { purgeInbox } from './inbox.store.js';
import type { MessagingTables } from './tables.js';
import { TOPIC_RETENTION_DAYS } from './topics.js';

const EVERY_MS = 3_600_000;
const AT_ONCE = 10_000;

/** Forgets inbox rows of messages that Kafka has forgotten too, every hour. */
export class InboxPurge {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database<MessagingTables>,
    private readonly retentionDays: number,
  ) {
    if (retentionDays <= 2 * TOPIC_RETENTION_DAYS) {
      throw new Error(
        `inboxRetentionDays is ${retentionDays}: must be more than ${2 * TOPIC_RETENTION_DAYS}, the days that a message may lie in its topic and then as a dead letter`,
      );
    }
  }

  start(): void {
    // Whatever fails is done by the next run.
    this.timer = setInterval(() => void this.run().catch(() => {}), EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Resolves to the number of rows that were forgotten. */
  async run(): Promise<number> {
    let total = 0;
    for (;;) {
      const purged = await purgeInbox(this.database.db, this.retentionDays, AT_ONCE);
      total += purged;
      if (purged < AT_ONCE) return total;
    }
  }
}

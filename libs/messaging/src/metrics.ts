import type { Database } from '#libs/database';
import { meter } from '#libs/telemetry';
import { outboxBacklog } from './outbox.store.js';
import type { MessagingTables } from './tables.js';

const consumed = meter('messaging').createCounter('messages_consumed', {
  description: 'Messages by type and by what became of them',
});

export type Outcome = 'processed' | 'duplicate' | 'skipped' | 'failed' | 'retried' | 'dead_lettered' | 'parked';

export function countConsumed(type: string, outcome: Outcome): void {
  consumed.add(1, { type, outcome });
}

/** `outbox_rows` and `outbox_oldest_age`, read from the table at each collection; returns how to stop. */
export function observeOutbox(database: Database<MessagingTables>): () => void {
  const rows = meter('messaging').createObservableGauge('outbox_rows', {
    description: 'Messages that wait to be sent',
  });
  const age = meter('messaging').createObservableGauge('outbox_oldest_age', {
    description: 'How long the oldest of them has been waiting',
    unit: 's',
  });
  const observe = async (result: { observe(instrument: typeof rows, value: number): void }): Promise<void> => {
    // Without a database there is no number to tell, and no reason to fail the other metrics.
    const backlog = await outboxBacklog(database.db).catch(() => undefined);
    if (!backlog) return;
    result.observe(rows, backlog.rows);
    result.observe(age, backlog.oldestAgeSeconds);
  };
  meter('messaging').addBatchObservableCallback(observe, [rows, age]);
  return () => meter('messaging').removeBatchObservableCallback(observe, [rows, age]);
}

import type { Rule } from './rule.js';

/** I8 and I12 for each schema with outbox and inbox: at rest everything was sent, and nothing was put aside. */
export const messagingRules: readonly Rule[] = [
  {
    invariant: 'I8',
    what: 'a message waits in the outbox',
    sql: `SELECT id AS subject, aggregatetype, aggregateid, type, created_at FROM outbox`,
    settles: true,
  },
  {
    invariant: 'I12',
    what: 'a message was put aside, and its effect is missing',
    sql: `SELECT COALESCE(message_id, topic || '/' || partition || '/' || "offset") AS subject, type, key, reason, error, attempts
      FROM dead_letters WHERE replayed_at IS NULL AND discarded_at IS NULL`,
  },
  {
    invariant: 'I12',
    what: 'messages of a key are not handled any more',
    sql: `SELECT key AS subject, consumer, topic, parked_at FROM parked_keys`,
    settles: true,
  },
];

import type { ColumnType, Generated } from 'kysely';

/** The tables of migrations/0001_messaging.sql, in the schema of every service that has messages. */
export interface MessagingTables {
  outbox: {
    seq: Generated<bigint>;
    id: string;
    aggregatetype: string;
    aggregateid: string;
    type: string;
    payload: Uint8Array;
    headers: ColumnType<Record<string, string>, string, string>;
    shard: number;
    created_at: Generated<Date>;
  };
  inbox: { consumer: string; message_id: string; processed_at: Generated<Date> };
  parked_keys: { consumer: string; topic: string; key: string; parked_at: Generated<Date> };
  dead_letters: {
    seq: Generated<bigint>;
    consumer: string;
    topic: string;
    partition: number;
    offset: bigint;
    key: string | null;
    message_id: string | null;
    type: string | null;
    reason: DeadLetterReason;
    error: string | null;
    attempts: number;
    dead_letter_partition: number;
    dead_letter_offset: bigint;
    created_at: Generated<Date>;
    replayed_at: Generated<Date | null>;
    discarded_at: Generated<Date | null>;
  };
}

/** `failed`: its handler gave up; `undecodable`: it is no message of ours; `parked`: an earlier one of its key failed. */
export type DeadLetterReason = 'failed' | 'undecodable' | 'parked';

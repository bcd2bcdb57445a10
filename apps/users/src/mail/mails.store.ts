import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';
import type { Mail, QueuedMail } from './mail.js';

/** The table of mails that wait, of migrations/0003_mails.sql and 0006_farewell_mails.sql. */
interface Tables {
  mails: {
    id: string;
    user_id: string | null;
    recipient: string;
    subject: string;
    body: string;
    attempts: Generated<number>;
    due_time: Generated<Date>;
    expire_time: Date;
    outlives_account: boolean;
  };
}

export interface NewMail extends Mail {
  readonly userId: string;
  readonly lifetimeSeconds: number;
  /** Whether it waits on when the account is erased. */
  readonly outlivesAccount: boolean;
}

@Injectable()
export class MailsStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  async add({ userId, lifetimeSeconds, outlivesAccount, ...mail }: NewMail): Promise<void> {
    await this.database.db
      .insertInto('mails')
      .values({
        ...{ id: randomUUID(), user_id: userId, ...mail },
        ...{ expire_time: inSeconds(lifetimeSeconds), outlives_account: outlivesAccount },
      })
      .execute();
  }

  /** Mails that are due, reserved for `leaseSeconds`: a replica that dies while it sends leaves them to another one. */
  async claim(limit: number, leaseSeconds: number): Promise<QueuedMail[]> {
    const due = this.database.db
      .selectFrom('mails')
      .select('id')
      .where('due_time', '<=', sql<Date>`now()`)
      .where('expire_time', '>', sql<Date>`now()`)
      .orderBy('due_time')
      .limit(limit)
      .forUpdate()
      .skipLocked();
    return this.database.db
      .updateTable('mails')
      .set({ attempts: sql<number>`attempts + 1`, due_time: inSeconds(leaseSeconds) })
      .where('id', 'in', due)
      .returning(['id', 'user_id as userId', 'recipient', 'subject', 'body', 'attempts'])
      .execute();
  }

  async remove(id: string): Promise<void> {
    await this.database.db.deleteFrom('mails').where('id', '=', id).execute();
  }

  async retryIn(id: string, seconds: number): Promise<void> {
    await this.database.db
      .updateTable('mails')
      .set({ due_time: inSeconds(seconds) })
      .where('id', '=', id)
      .execute();
  }

  /** Deletes what was not sent in time; resolves to the number of mails. */
  async removeExpired(): Promise<number> {
    const expired = this.database.db.deleteFrom('mails').where('expire_time', '<=', sql<Date>`now()`);
    return Number((await expired.executeTakeFirst()).numDeletedRows);
  }
}

const inSeconds = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;

import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';
import type { Mail, QueuedMail } from './mail.js';

interface Tables {
  mailbox: {
    id: string;
    user_id: string;
    recipient: string;
    subject: string;
    body: string;
    create_time: Generated<Date>;
    expire_time: Date;
  };
}

/** A mail in the mailbox of demo mode. */
export interface ReceivedMail extends Mail {
  readonly createTime: Date;
}

const SHOWN = 200;

@Injectable()
export class MailboxStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  /** Puts the mail in, once. Nothing happens when its user was deleted meanwhile. */
  async receive({ id, userId, recipient, subject, body }: QueuedMail, lifetimeSeconds: number): Promise<void> {
    await sql`
      INSERT INTO mailbox (id, user_id, recipient, subject, body, expire_time)
      SELECT ${id}, id, ${recipient}, ${subject}, ${body}, now() + make_interval(secs => ${lifetimeSeconds})
      FROM users WHERE id = ${userId} ON CONFLICT DO NOTHING`.execute(this.database.db);
  }

  /** The newest mails, the newest first. */
  async newest(): Promise<ReceivedMail[]> {
    return this.database.db
      .selectFrom('mailbox')
      .select(['recipient', 'subject', 'body', 'create_time as createTime'])
      .where('expire_time', '>', sql<Date>`now()`)
      .orderBy('create_time', 'desc')
      .limit(SHOWN)
      .execute();
  }

  async removeExpired(): Promise<void> {
    await this.database.db.deleteFrom('mailbox').where('expire_time', '<=', sql<Date>`now()`).execute();
  }
}

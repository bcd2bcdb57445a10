import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';
import { emailIs, type UserTables } from '../accounts/users.store.js';

interface Tables extends UserTables {
  deletions: { id: string; user_id: string; create_time: Generated<Date>; end_time: Date | null };
  password_reset_requests: { email: string };
  mails: { user_id: string | null; outlives_account: boolean };
}

/** The deletion of an account, and all that is left of it. */
export interface Deletion {
  readonly id: string;
  readonly createTime: Date;
  readonly endTime: Date | null;
}

const DELETION = ['id', 'create_time as createTime', 'end_time as endTime'] as const;

@Injectable()
export class DeletionsStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  async find(id: string): Promise<Deletion | undefined> {
    return this.database.db.selectFrom('deletions').select(DELETION).where('id', '=', id).executeTakeFirst();
  }

  /** Closes the account to its user and remembers its deletion. The user must be locked. */
  async begin(id: string, userId: string): Promise<Deletion> {
    const { db } = this.database;
    await db.updateTable('users').set({ delete_time: sql<Date>`now()` }).where('id', '=', userId).execute();
    return db
      .insertInto('deletions')
      .values({ id, user_id: userId, end_time: null })
      .returning(DELETION)
      .executeTakeFirstOrThrow();
  }

  /**
   * Erases the account. What else is about it goes with its row (foreign keys): sessions, mails, mailed tokens, second
   * factor, changes of roles. But for the mail that tells of it: where it still waits, it belongs to nobody from now on.
   */
  async erase(userId: string): Promise<Deletion> {
    const { db } = this.database;
    const { email } = await db.selectFrom('users').select('email').where('id', '=', userId).executeTakeFirstOrThrow();
    await db.deleteFrom('password_reset_requests').where(emailIs(email)).execute();
    const farewell = db.updateTable('mails').set({ user_id: null }).where('user_id', '=', userId);
    await farewell.where('outlives_account', '=', true).execute();
    await db.deleteFrom('users').where('id', '=', userId).execute();
    return db
      .updateTable('deletions')
      .set({ end_time: sql<Date>`now()` })
      .where('user_id', '=', userId)
      .returning(DELETION)
      .executeTakeFirstOrThrow();
  }
}

import { Injectable } from '@nestjs/common';
import type { Generated } from 'kysely';
import { Database } from '#libs/database';

interface Tables {
  password_reset_requests: { id: Generated<string>; email: string };
}

@Injectable()
export class ResetRequestsStore {
  private readonly database: Database<Tables>;

  constructor(private readonly plain: Database) {
    this.database = plain.withTables<Tables>();
  }

  async add(email: string): Promise<void> {
    await this.database.db.insertInto('password_reset_requests').values({ email }).execute();
  }

  /** Runs `work` with the oldest address that waits and drops it, in one transaction. False when none waits. */
  async takeOne(work: (email: string) => Promise<void>): Promise<boolean> {
    return this.plain.transaction(async () => {
      const { db } = this.database;
      const oldest = db
        .selectFrom('password_reset_requests')
        .select('id')
        .orderBy('id')
        .limit(1)
        .forUpdate()
        .skipLocked();
      const taken = await db
        .deleteFrom('password_reset_requests')
        .where('id', 'in', oldest)
        .returning('email')
        .executeTakeFirst();
      if (taken) await work(taken.email);
      return taken !== undefined;
    });
  }
}

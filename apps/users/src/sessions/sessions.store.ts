import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';

interface Tables {
  sessions: {
    id: string;
    user_id: string;
    refresh_token_hash: Buffer;
    create_time: Generated<Date>;
    expire_time: Date;
  };
}

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly refreshTokenHash: Buffer;
  readonly lifetimeSeconds: number;
}

@Injectable()
export class SessionsStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  async add(session: NewSession): Promise<void> {
    await this.database.db
      .insertInto('sessions')
      .values({
        id: session.id,
        user_id: session.userId,
        refresh_token_hash: session.refreshTokenHash,
        expire_time: sql<Date>`now() + make_interval(secs => ${session.lifetimeSeconds})`,
      })
      .execute();
  }
}

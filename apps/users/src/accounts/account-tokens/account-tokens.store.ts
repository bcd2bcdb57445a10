import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';

export type TokenPurpose = 'VERIFY_EMAIL' | 'RESET_PASSWORD';

/** Whom a token is for, and where it was mailed to. */
export interface TokenUse {
  readonly userId: string;
  readonly email: string;
}

export interface NewToken extends TokenUse {
  readonly hash: Buffer;
  readonly purpose: TokenPurpose;
  readonly lifetimeSeconds: number;
}

interface Tables {
  account_tokens: {
    token_hash: Buffer;
    user_id: string;
    purpose: TokenPurpose;
    email: string;
    create_time: Generated<Date>;
    expire_time: Date;
  };
}

const USE = ['user_id as userId', 'email'] as const;
const NOW = sql<Date>`now()`;

@Injectable()
export class AccountTokensStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  /** Also deletes what has expired: the table stays as small as its use. */
  async add({ hash, purpose, userId, email, lifetimeSeconds }: NewToken): Promise<void> {
    const { db } = this.database;
    await db.deleteFrom('account_tokens').where('expire_time', '<=', NOW).execute();
    const expireTime = sql<Date>`now() + make_interval(secs => ${lifetimeSeconds})`;
    await db
      .insertInto('account_tokens')
      .values({ token_hash: hash, user_id: userId, purpose, email, expire_time: expireTime })
      .execute();
  }

  async find(purpose: TokenPurpose, hash: Buffer): Promise<TokenUse | undefined> {
    return this.database.db
      .selectFrom('account_tokens')
      .select(USE)
      .where('token_hash', '=', hash)
      .where('purpose', '=', purpose)
      .where('expire_time', '>', NOW)
      .executeTakeFirst();
  }

  async remove(purpose: TokenPurpose, hash: Buffer): Promise<TokenUse | undefined> {
    return this.database.db
      .deleteFrom('account_tokens')
      .where('token_hash', '=', hash)
      .where('purpose', '=', purpose)
      .where('expire_time', '>', NOW)
      .returning(USE)
      .executeTakeFirst();
  }

  async removeAll(userId: string, purpose: TokenPurpose | undefined): Promise<void> {
    const tokens = this.database.db.deleteFrom('account_tokens').where('user_id', '=', userId);
    await (purpose ? tokens.where('purpose', '=', purpose) : tokens).execute();
  }

  async existsYoungerThan(seconds: number, purpose: TokenPurpose, { userId, email }: TokenUse): Promise<boolean> {
    const young = await this.database.db
      .selectFrom('account_tokens')
      .select('token_hash')
      .where('user_id', '=', userId)
      .where('purpose', '=', purpose)
      .where('email', '=', email)
      .where('create_time', '>', sql<Date>`now() - make_interval(secs => ${seconds})`)
      .executeTakeFirst();
    return young !== undefined;
  }
}

import { Injectable } from '@nestjs/common';
import type { JWK } from 'jose';
import { type ColumnType, type Generated, type Selectable, sql } from 'kysely';
import { Database } from '#libs/database';

export interface SigningKeysTable {
  kid: string;
  public_jwk: ColumnType<JWK, string, never>;
  private_jwk: ColumnType<JWK, string, never>;
  create_time: Generated<Date>;
}

export interface IdentityTables {
  signing_keys: SigningKeysTable;
}

export type StoredKey = Pick<Selectable<SigningKeysTable>, 'kid' | 'public_jwk' | 'private_jwk'> & { age: number };

@Injectable()
export class SigningKeysStore {
  private readonly database: Database<IdentityTables>;

  constructor(database: Database) {
    this.database = database.withTables<IdentityTables>();
  }

  /** All keys, youngest first; `age` in seconds by the database's clock. */
  async all(): Promise<StoredKey[]> {
    return this.database.db
      .selectFrom('signing_keys')
      .select(['kid', 'public_jwk', 'private_jwk'])
      .select(sql<number>`extract(epoch from now() - create_time)::float8`.as('age'))
      .orderBy('create_time', 'desc')
      .orderBy('kid')
      .execute();
  }

  async add(key: { kid: string; publicJwk: JWK; privateJwk: JWK }): Promise<void> {
    await this.database.db
      .insertInto('signing_keys')
      .values({
        kid: key.kid,
        public_jwk: JSON.stringify(key.publicJwk),
        private_jwk: JSON.stringify(key.privateJwk),
      })
      .execute();
  }

  async removeOlderThan(seconds: number): Promise<void> {
    await this.database.db
      .deleteFrom('signing_keys')
      .where('create_time', '<', sql<Date>`now() - make_interval(secs => ${seconds})`)
      .execute();
  }

  /** Runs `work` in a transaction while no other replica of this service does. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction(async () => {
      // Advisory locks are shared by the whole database: the schema keeps services apart.
      await sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || '.signing_keys', 0))`.execute(
        this.database.db,
      );
      return work();
    });
  }
}

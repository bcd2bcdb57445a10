import { Injectable } from '@nestjs/common';
import type { JWK } from 'jose';
import { type ColumnType, type Generated, type Selectable, sql } from 'kysely';
import { Database } from '#libs/database';

export interface SigningKeysTable {
  kid: string;
  public_jwk: ColumnType<JWK, string, never>;
  private_jwk: ColumnType<JWK, string, never>;
  create_time: Generated<Date>;
  sign_time: Date | null;
  withdraw_time: Date | null;
}

export interface IdentityTables {
  signing_keys: SigningKeysTable;
}

/** Times are in seconds from now, by one clock: that of the place where keys are kept. */
export interface StoredKey extends Pick<Selectable<SigningKeysTable>, 'kid' | 'public_jwk' | 'private_jwk'> {
  readonly age: number;
  /** Below 0 when it signs already. */
  readonly signsIn: number;
  /** Null when it is not to be withdrawn. */
  readonly withdrawnIn: number | null;
}

export interface NewKey {
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
  /** Seconds until it signs. */
  readonly signsIn: number;
}

/** Where signing keys are kept: a table that replicas share, or the memory of a process. */
export interface KeyStore {
  /** All keys but those that are withdrawn, youngest first. */
  all(): Promise<StoredKey[]>;
  add(key: NewKey): Promise<void>;
  /** Withdraws a key in so many seconds, or earlier when that was decided before. */
  withdraw(kid: string, seconds: number): Promise<void>;
  /** Removes keys of this age, and those that are withdrawn. */
  removeOlderThan(seconds: number): Promise<void>;
  /** Runs `work` while nobody else changes the keys. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** Keys from before `sign_time` sign an hour after they were made. */
const SIGN_TIME = sql<Date>`coalesce(sign_time, create_time + interval '1 hour')`;
const secondsTo = (time: ReturnType<typeof sql>) => sql<number>`extract(epoch from ${time} - now())::float8`;
const inSeconds = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;

@Injectable()
export class SigningKeysStore implements KeyStore {
  private readonly database: Database<IdentityTables>;

  constructor(database: Database) {
    this.database = database.withTables<IdentityTables>();
  }

  async all(): Promise<StoredKey[]> {
    return this.database.db
      .selectFrom('signing_keys')
      .select(['kid', 'public_jwk', 'private_jwk'])
      .select(sql<number>`extract(epoch from now() - create_time)::float8`.as('age'))
      .select(secondsTo(SIGN_TIME).as('signsIn'))
      .select(secondsTo(sql`withdraw_time`).$castTo<number | null>().as('withdrawnIn'))
      .where(sql<boolean>`coalesce(withdraw_time > now(), true)`)
      .orderBy('create_time', 'desc')
      .orderBy('kid')
      .execute();
  }

  async add({ kid, publicJwk, privateJwk, signsIn }: NewKey): Promise<void> {
    await this.database.db
      .insertInto('signing_keys')
      .values({
        kid,
        public_jwk: JSON.stringify(publicJwk),
        private_jwk: JSON.stringify(privateJwk),
        sign_time: inSeconds(signsIn),
      })
      .execute();
  }

  async withdraw(kid: string, seconds: number): Promise<void> {
    await this.database.db
      .updateTable('signing_keys')
      .set({ withdraw_time: sql<Date>`least(withdraw_time, ${inSeconds(seconds)})` })
      .where('kid', '=', kid)
      .execute();
  }

  async removeOlderThan(seconds: number): Promise<void> {
    await this.database.db
      .deleteFrom('signing_keys')
      .where(sql<boolean>`create_time < now() - make_interval(secs => ${seconds}) or withdraw_time <= now()`)
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

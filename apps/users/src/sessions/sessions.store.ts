import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';
import { type PageOf, type PageRequest, readPage } from '#libs/listing';
import type { Role } from '../accounts/user.js';
import { YOUNGEST_FIRST } from '../youngest-first.js';

interface Tables {
  users: { id: string; roles: Role[]; demo: boolean; password_hash: string; delete_time: Date | null };
  sessions: {
    id: string;
    user_id: string;
    refresh_token_hash: Buffer;
    create_time: Generated<Date>;
    refresh_time: Generated<Date>;
    expire_time: Date;
  };
  used_refresh_tokens: { token_hash: Buffer; session_id: string };
}

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  /** The hash that the password was compared with. */
  readonly passwordHash: string;
  readonly refreshTokenHash: Buffer;
  readonly lifetimeSeconds: number;
}

export interface RefreshedSession {
  readonly id: string;
  readonly user: { readonly id: string; readonly roles: readonly Role[]; readonly demo: boolean };
}

export interface ActiveSession {
  readonly id: string;
  readonly createTime: Date;
  readonly refreshTime: Date;
  readonly expireTime: Date;
}

const ACTIVE = ['id', 'create_time as createTime', 'refresh_time as refreshTime', 'expire_time as expireTime'] as const;

/**
 * Sessions that go on. One that ends is deleted; a trigger writes it into `ended_sessions`, whatever deleted it: see
 * migration 0002.
 */
@Injectable()
export class SessionsStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /**
   * Adds a session, and resolves with the roles that its user has at that moment. Undefined when the password is not
   * this one any more, or the account is gone: comparing takes long enough for either. In a transaction: until it ends,
   * neither can change, and what changes afterwards ends the session.
   */
  async add(session: NewSession): Promise<readonly Role[] | undefined> {
    const user = await this.database.db
      .selectFrom('users')
      .select('roles')
      .where('id', '=', session.userId)
      .where('password_hash', '=', session.passwordHash)
      .where('delete_time', 'is', null)
      .forShare()
      .executeTakeFirst();
    if (!user) return undefined;
    await this.database.db
      .insertInto('sessions')
      .values({
        id: session.id,
        user_id: session.userId,
        refresh_token_hash: session.refreshTokenHash,
        expire_time: sql<Date>`now() + make_interval(secs => ${session.lifetimeSeconds})`,
      })
      .execute();
    return user.roles;
  }

  /** Puts `next` in the place of `used`. Undefined when no session goes on with `used`. */
  async rotate(used: Buffer, next: Buffer): Promise<RefreshedSession | undefined> {
    const { db } = this.database;
    const session = await db
      .updateTable('sessions')
      .from('users')
      .set({ refresh_token_hash: next, refresh_time: sql<Date>`now()` })
      .whereRef('users.id', '=', 'sessions.user_id')
      .where('refresh_token_hash', '=', used)
      .where('expire_time', '>', sql<Date>`now()`)
      .returning(['sessions.id', 'users.id as userId', 'users.roles', 'users.demo'])
      .executeTakeFirst();
    if (!session) return undefined;
    const { id, userId, roles, demo } = session;
    await db.insertInto('used_refresh_tokens').values({ token_hash: used, session_id: id }).execute();
    return { id, user: { id: userId, roles, demo } };
  }

  /** Ends the session that has used this token before; its id. */
  async endReused(token: Buffer): Promise<string | undefined> {
    const ended = await this.database.db
      .deleteFrom('sessions')
      .using('used_refresh_tokens')
      .whereRef('sessions.id', '=', 'used_refresh_tokens.session_id')
      .where('token_hash', '=', token)
      .returning('sessions.id')
      .executeTakeFirst();
    return ended?.id;
  }

  /** False when this user has no such session. */
  async end(id: string, userId: string): Promise<boolean> {
    const query = this.database.db.deleteFrom('sessions').where('id', '=', id).where('user_id', '=', userId);
    return (await query.executeTakeFirst()).numDeletedRows > 0n;
  }

  /** Ends all sessions of a user, but for one that goes on; how many. For a new password, a deleted account. */
  async endAll(userId: string, exceptId?: string): Promise<number> {
    let query = this.database.db.deleteFrom('sessions').where('user_id', '=', userId);
    if (exceptId !== undefined) query = query.where('id', '!=', exceptId);
    return Number((await query.executeTakeFirst()).numDeletedRows);
  }

  async page(userId: string, page: PageRequest): Promise<PageOf<ActiveSession>> {
    const query = this.database.db
      .selectFrom('sessions')
      .select(ACTIVE)
      .where('user_id', '=', userId)
      .where('expire_time', '>', sql<Date>`now()`);
    return readPage(query, YOUNGEST_FIRST.keys(''), page);
  }

  /** Whether the session began with a sign-in within the last `seconds`, and goes on. */
  async isYoung(sessionId: string, seconds: number): Promise<boolean> {
    const session = await this.database.db
      .selectFrom('sessions')
      .select('id')
      .where('id', '=', sessionId)
      .where('create_time', '>', sql<Date>`now() - make_interval(secs => ${seconds})`)
      .executeTakeFirst();
    return session !== undefined;
  }

  /** Deletes up to `limit` sessions that have expired; how many. */
  async removeExpired(limit: number): Promise<number> {
    const { db } = this.database;
    const expired = db.selectFrom('sessions').select('id').where('expire_time', '<', sql<Date>`now()`).limit(limit);
    return Number((await db.deleteFrom('sessions').where('id', 'in', expired).executeTakeFirst()).numDeletedRows);
  }
}

import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';
import { type PageOf, type PageRequest, readPage } from '#libs/listing';
import { YOUNGEST_FIRST } from '../../youngest-first.js';
import type { Role, User } from '../user.js';
import { emailIs, USER, type UserTables } from '../users.store.js';

interface Tables extends UserTables {
  role_changes: {
    id: Generated<string>;
    user_id: string;
    role: Role;
    granted: boolean;
    actor: string;
    time: Generated<Date>;
  };
}

export interface RoleChange {
  readonly userId: string;
  readonly role: Role;
  readonly granted: boolean;
  /** Id of a user, or operator:<name>. */
  readonly actor: string;
}

/** Who has which role, and who gave it. */
@Injectable()
export class RolesStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  /**
   * Everybody with the role ADMIN, locked until the transaction ends: of two who take it from each other, or leave, at the
   * same moment, the second sees what the first has done.
   */
  async lockAdmins(): Promise<Pick<User, 'id' | 'demo'>[]> {
    return this.database.db
      .selectFrom('users')
      .select(['id', 'demo'])
      .where(sql<boolean>`'ADMIN' = any (roles)`)
      .where('delete_time', 'is', null)
      .orderBy('id')
      .forUpdate()
      .execute();
  }

  async record({ userId, ...change }: RoleChange): Promise<void> {
    await this.database.db
      .insertInto('role_changes')
      .values({ user_id: userId, ...change })
      .execute();
  }

  /** Accounts, the youngest first; those that are being deleted are not among them. */
  async page(email: string, page: PageRequest): Promise<PageOf<User>> {
    const all = this.database.db.selectFrom('users').select(USER).where('delete_time', 'is', null);
    return readPage(email === '' ? all : all.where(emailIs(email)), YOUNGEST_FIRST.keys(''), page);
  }
}

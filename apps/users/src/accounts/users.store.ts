import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';
import type { Role, User } from './user.js';

interface Tables {
  users: {
    id: string;
    email: string;
    name: string;
    roles: Role[];
    password_hash: string;
    demo: boolean;
    create_time: Generated<Date>;
  };
}

const USER = ['id', 'email', 'name', 'roles', 'create_time as createTime'] as const;

export interface NewUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly passwordHash: string;
  readonly demo: boolean;
}

@Injectable()
export class UsersStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /** Undefined when the e-mail address is taken, in whatever case. */
  async addUser({ passwordHash, roles, ...user }: NewUser): Promise<User | undefined> {
    return this.database.db
      .insertInto('users')
      .values({ ...user, roles: [...roles], password_hash: passwordHash })
      .onConflict((conflict) => conflict.doNothing())
      .returning(USER)
      .executeTakeFirst();
  }

  async findUser(id: string): Promise<User | undefined> {
    return this.database.db.selectFrom('users').select(USER).where('id', '=', id).executeTakeFirst();
  }

  async findCredentials(email: string): Promise<(User & { passwordHash: string; demo: boolean }) | undefined> {
    return this.database.db
      .selectFrom('users')
      .select([...USER, 'password_hash as passwordHash', 'demo'])
      .where(sql<boolean>`lower(email) = lower(${email})`)
      .executeTakeFirst();
  }
}

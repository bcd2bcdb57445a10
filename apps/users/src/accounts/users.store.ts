import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';
import { DomainError } from '#libs/errors';
import type { Role, User } from './user.js';

/** The table of accounts: migrations 0001 and 0004. */
export interface UserTables {
  users: {
    id: string;
    email: string;
    email_verified: boolean;
    pending_email: string | null;
    name: string;
    roles: Role[];
    password_hash: string;
    demo: boolean;
    create_time: Generated<Date>;
    delete_time: Date | null;
  };
}

export const USER = [
  'id',
  'email',
  'email_verified as emailVerified',
  'pending_email as pendingEmail',
  'name',
  'roles',
  'create_time as createTime',
  'demo',
] as const;

export interface NewUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly passwordHash: string;
  readonly demo: boolean;
}

export type Credentials = User & { readonly passwordHash: string };

/** What of an account can be changed. */
export type UserChange = Partial<Pick<User, 'name' | 'email' | 'emailVerified' | 'pendingEmail' | 'roles'>> & {
  readonly passwordHash?: string;
};

/** Accounts. One that is being deleted is not found any more, but for what deletes it. */
@Injectable()
export class UsersStore {
  private readonly database: Database<UserTables>;

  constructor(database: Database) {
    this.database = database.withTables<UserTables>();
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  /** Undefined when the e-mail address is taken, in whatever case. */
  async addUser({ passwordHash, roles, demo, ...user }: NewUser): Promise<User | undefined> {
    return this.database.db
      .insertInto('users')
      .values({ ...user, demo, email_verified: demo, roles: [...roles], password_hash: passwordHash })
      .onConflict((conflict) => conflict.doNothing())
      .returning(USER)
      .executeTakeFirst();
  }

  async findUser(id: string): Promise<User | undefined> {
    return this.select().where('id', '=', id).executeTakeFirst();
  }

  async findByEmail(email: string): Promise<User | undefined> {
    return this.select().where(emailIs(email)).executeTakeFirst();
  }

  /** The user, locked until the transaction ends. */
  async lock(id: string): Promise<User | undefined> {
    return this.select().where('id', '=', id).forUpdate().executeTakeFirst();
  }

  async findCredentials(email: string): Promise<Credentials | undefined> {
    return this.selectCredentials().where(emailIs(email)).executeTakeFirst();
  }

  async credentialsOf(id: string): Promise<Credentials | undefined> {
    return this.selectCredentials().where('id', '=', id).executeTakeFirst();
  }

  /** The user after the change. The user must be locked. EMAIL_TAKEN, also when somebody else takes it at this moment. */
  async change(id: string, { emailVerified, pendingEmail, passwordHash, roles, ...same }: UserChange): Promise<User> {
    return this.database.db
      .updateTable('users')
      .set({
        ...same,
        ...(roles && { roles: [...roles] }),
        ...(emailVerified !== undefined && { email_verified: emailVerified }),
        ...(pendingEmail !== undefined && { pending_email: pendingEmail }),
        ...(passwordHash && { password_hash: passwordHash }),
      })
      .where('id', '=', id)
      .returning(USER)
      .executeTakeFirstOrThrow()
      .catch((error: unknown) => {
        throw isTakenAddress(error) ? new DomainError('EMAIL_TAKEN', { cause: error }) : error;
      });
  }

  /** Whether somebody has this address; an account that is being deleted keeps it to its end. */
  async isTaken(email: string): Promise<boolean> {
    const taken = this.database.db.selectFrom('users').select('id').where(emailIs(email));
    return (await taken.executeTakeFirst()) !== undefined;
  }

  private selectCredentials() {
    return this.select().select('password_hash as passwordHash');
  }

  private select() {
    return this.database.db.selectFrom('users').select(USER).where('delete_time', 'is', null);
  }
}

const isTakenAddress = (error: unknown): boolean =>
  error instanceof Error && 'constraint' in error && error.constraint === 'users_email';

export const emailIs = (email: string) => sql<boolean>`lower(email) = lower(${email})`;

import { randomUUID } from 'node:crypto';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Injectable } from '@nestjs/common';
import { UserRegisteredSchema } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { Outbox } from '#libs/messaging';
import { Log } from '#libs/service';
import { Passwords } from '../passwords/passwords.js';
import type { Role, User } from './user.js';
import { UsersStore } from './users.store.js';
import { EmailVerification } from './verify-email/email-verification.js';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

export interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly demo: boolean;
}

@Injectable()
export class Accounts {
  constructor(
    private readonly store: UsersStore,
    private readonly passwords: Passwords,
    private readonly outbox: Outbox,
    private readonly verification: EmailVerification,
    private readonly log: Log,
  ) {}

  /**
   * Makes an account, says so to the other services, and mails a token to the address; those of demo accounts count as
   * verified. EMAIL_TAKEN when there is one with this address.
   */
  async signUp({ email, password, name, roles, demo }: SignUp): Promise<User> {
    const passwordHash = await this.passwords.hash(password);
    const user = await this.store.transaction(async () => {
      const added = await this.store.addUser({ id: randomUUID(), email, name, roles, passwordHash, demo });
      if (!added) throw new DomainError('EMAIL_TAKEN');
      const createTime = timestampFromDate(added.createTime);
      await this.outbox.publish(UserRegisteredSchema, { userId: added.id, createTime });
      if (!demo) await this.verification.send(added.id, email);
      return added;
    });
    this.log.info({ userId: user.id }, 'user registered');
    return user;
  }

  /** The user that a principal names; NOT_FOUND also for what is no user at all, e.g. a service. */
  async find(subject: string): Promise<User> {
    const user = UUID.test(subject) ? await this.store.findUser(subject) : undefined;
    if (!user) throw new DomainError('NOT_FOUND');
    return user;
  }
}

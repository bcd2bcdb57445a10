import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { Log } from '#libs/service';
import { isSameEmail, type User } from '../user.js';
import { UsersStore } from '../users.store.js';
import { EmailVerification } from '../verify-email/email-verification.js';
import type { AccountChanges } from './changes-of.js';

@Injectable()
export class UpdateAccount {
  constructor(
    private readonly users: UsersStore,
    private readonly verification: EmailVerification,
    private readonly log: Log,
  ) {}

  /**
   * The user after the changes. A new address waits until mail was received there; naming the one that the account has
   * takes a waiting one back. EMAIL_TAKEN when somebody else has it, DEMO_ACCOUNT for accounts that everybody shares.
   */
  async update(userId: string, changes: AccountChanges): Promise<User> {
    const { name, email } = changes;
    const updated = await this.users.transaction(async () => {
      const user = await this.users.lock(userId);
      if (!user) throw new DomainError('NOT_FOUND');
      if (name === undefined && email === undefined) return user;
      if (user.demo) throw new DomainError('DEMO_ACCOUNT');
      const pendingEmail = email === undefined ? undefined : await this.pending(user, email);
      return this.users.change(userId, {
        ...(name !== undefined && { name }),
        ...(pendingEmail !== undefined && { pendingEmail }),
      });
    });
    this.log.info({ userId, fields: Object.keys(changes) }, 'account updated');
    return updated;
  }

  private async pending(user: User, email: string): Promise<string | null> {
    if (isSameEmail(email, user.email)) return null;
    if (await this.users.isTaken(email)) throw new DomainError('EMAIL_TAKEN');
    if (!user.pendingEmail || !isSameEmail(email, user.pendingEmail)) await this.verification.send(user.id, email);
    return email;
  }
}

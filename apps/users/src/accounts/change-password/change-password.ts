import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { Log } from '#libs/service';
import { passwordChangedMail } from '../../mail/mail-texts.js';
import { Mails } from '../../mail/mails.js';
import { Passwords } from '../../passwords/passwords.js';
import { SessionsStore } from '../../sessions/sessions.store.js';
import { AccountTokens } from '../account-tokens/account-tokens.js';
import type { User } from '../user.js';
import { UsersStore } from '../users.store.js';

/** What a new password brings with it, whichever way it came. */
@Injectable()
export class NewPassword {
  constructor(
    private readonly users: UsersStore,
    private readonly sessions: SessionsStore,
    private readonly tokens: AccountTokens,
    private readonly mails: Mails,
  ) {}

  /** Ends the user's sessions but the one that goes on, and tells the owner. Runs in a transaction; the user is locked. */
  async set(user: User, passwordHash: string, keptSession?: string): Promise<void> {
    await this.users.change(user.id, { passwordHash });
    await this.sessions.endAll(user.id, keptSession);
    await this.tokens.revoke(user.id, 'RESET_PASSWORD');
    await this.mails.send(user.id, passwordChangedMail(user.email));
  }
}

@Injectable()
export class ChangePassword {
  constructor(
    private readonly users: UsersStore,
    private readonly passwords: Passwords,
    private readonly newPassword: NewPassword,
    private readonly log: Log,
  ) {}

  /** Throws VALIDATION_FAILED on `currentPassword` when it is another one. */
  async change(userId: string, passwords: { current: string; next: string }, session?: string): Promise<void> {
    const user = await this.users.credentialsOf(userId);
    const matches = await this.passwords.verify(user?.passwordHash, passwords.current);
    if (!user || !matches) throw wrongPassword();
    if (user.demo) throw new DomainError('DEMO_ACCOUNT');
    const hash = await this.passwords.hash(passwords.next);
    await this.users.transaction(async () => {
      await this.users.lock(userId);
      const now = await this.users.credentialsOf(userId);
      // Somebody else who knew the old password was faster: the newer one stands.
      if (now?.passwordHash !== user.passwordHash) throw wrongPassword();
      await this.newPassword.set(now, hash, session);
    });
    this.log.info({ userId }, 'password changed');
  }
}

const wrongPassword = () =>
  new DomainError('VALIDATION_FAILED', {
    violations: [{ field: 'currentPassword', description: 'is not your password', reason: 'WRONG_PASSWORD' }],
  });

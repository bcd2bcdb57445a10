import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { Log } from '#libs/service';
import { Passwords } from '../../passwords/passwords.js';
import { AccountTokens } from '../account-tokens/account-tokens.js';
import { NewPassword } from '../change-password/change-password.js';
import { isSameEmail } from '../user.js';
import { UsersStore } from '../users.store.js';

@Injectable()
export class ResetPassword {
  constructor(
    private readonly users: UsersStore,
    private readonly passwords: Passwords,
    private readonly tokens: AccountTokens,
    private readonly newPassword: NewPassword,
    private readonly log: Log,
  ) {}

  /**
   * Sets a new password by a token from a mail: all sessions end, and nothing stays of what an intruder may have begun.
   * Throws ACCOUNT_TOKEN_INVALID.
   */
  async reset(token: string, password: string): Promise<void> {
    // Hashing costs much: it is not done for who has no token.
    if (!(await this.tokens.find('RESET_PASSWORD', token))) throw new DomainError('ACCOUNT_TOKEN_INVALID');
    const hash = await this.passwords.hash(password);
    const userId = await this.users.transaction(async () => {
      const use = await this.tokens.find('RESET_PASSWORD', token);
      // Before the token: who uses two of one account at once would otherwise have each wait for the other.
      const user = use && (await this.users.lock(use.userId));
      const consumed = await this.tokens.consume('RESET_PASSWORD', token);
      if (!user || !consumed || !isSameEmail(use.email, user.email)) throw new DomainError('ACCOUNT_TOKEN_INVALID');
      await this.newPassword.set(user, hash);
      // Who has the token reads the mail of the address. A change of address that waits may be somebody else's.
      await this.tokens.revoke(user.id);
      await this.users.change(user.id, { emailVerified: true, pendingEmail: null });
      return user.id;
    });
    this.log.info({ userId }, 'password reset');
  }
}

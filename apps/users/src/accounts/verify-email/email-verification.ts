import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { Log } from '#libs/service';
import { emailChangedMail, verificationMail } from '../../mail/mail-texts.js';
import { Mails } from '../../mail/mails.js';
import { AccountTokens, MAIL_PAUSE_SECONDS } from '../account-tokens/account-tokens.js';
import { isSameEmail, type User } from '../user.js';
import { UsersStore } from '../users.store.js';

/** Proves that users read the mail of the addresses they name. */
@Injectable()
export class EmailVerification {
  constructor(
    private readonly users: UsersStore,
    private readonly tokens: AccountTokens,
    private readonly mails: Mails,
    private readonly log: Log,
  ) {}

  /**
   * Mails a token to an address of the user, unless it has one of a moment ago, which is good still. Runs in the
   * transaction that wrote the address; the user is locked.
   */
  async send(userId: string, email: string): Promise<void> {
    if (await this.tokens.wasJustMailed('VERIFY_EMAIL', { userId, email })) return;
    const token = await this.tokens.mint('VERIFY_EMAIL', { userId, email });
    await this.mails.send(userId, verificationMail(email, token));
  }

  /**
   * Mails a token to the address that waits to be verified; does nothing when none does. Throws THROTTLED when one was
   * mailed a moment ago.
   */
  async sendAgain(user: User): Promise<void> {
    const email = user.pendingEmail ?? (user.emailVerified ? undefined : user.email);
    if (email === undefined) return;
    await this.users.transaction(async () => {
      await this.users.lock(user.id);
      if (await this.tokens.wasJustMailed('VERIFY_EMAIL', { userId: user.id, email })) {
        throw new DomainError('THROTTLED', { retryAfterSeconds: MAIL_PAUSE_SECONDS });
      }
      await this.send(user.id, email);
    });
  }

  /** Takes the address as verified. ACCOUNT_TOKEN_INVALID, also when the user has gone over to another address since. */
  async verify(token: string): Promise<User> {
    const user = await this.users.transaction(async () => {
      const use = await this.tokens.find('VERIFY_EMAIL', token);
      // Before the token: who uses two of one account at once would otherwise have each wait for the other.
      const found = use && (await this.users.lock(use.userId));
      if (!found || !(await this.tokens.consume('VERIFY_EMAIL', token))) throw new DomainError('ACCOUNT_TOKEN_INVALID');
      if (isSameEmail(use.email, found.email)) return this.users.change(found.id, { emailVerified: true });
      if (!found.pendingEmail || !isSameEmail(use.email, found.pendingEmail)) {
        throw new DomainError('ACCOUNT_TOKEN_INVALID');
      }
      return this.goOver(found, found.pendingEmail);
    });
    this.log.info({ userId: user.id }, 'address verified');
    return user;
  }

  /** Puts the pending address in the place of the old one, whose mailbox is told: its owner may not know. */
  private async goOver(user: User, email: string): Promise<User> {
    const changed = await this.users.change(user.id, { email, emailVerified: true, pendingEmail: null });
    await this.tokens.revoke(user.id);
    await this.mails.send(user.id, emailChangedMail(user.email));
    return changed;
  }
}

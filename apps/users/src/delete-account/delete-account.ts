import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { AccountTokens } from '../accounts/account-tokens/account-tokens.js';
import { Admins } from '../accounts/roles/admins.js';
import { UsersStore } from '../accounts/users.store.js';
import { deletionMail } from '../mail/mail-texts.js';
import { Mails } from '../mail/mails.js';
import { SessionsStore } from '../sessions/sessions.store.js';
import { DeletionProcess } from './deletion.process.js';
import { type Deletion, DeletionsStore } from './deletions.store.js';

/** What an account loses at the moment in which its user asks for its end. */
@Injectable()
export class AccountClosing {
  constructor(
    private readonly sessions: SessionsStore,
    private readonly tokens: AccountTokens,
    private readonly mails: Mails,
  ) {}

  /** Nobody is signed in any more, no mailed token is good. Runs in a transaction. */
  async close({ id, email }: { readonly id: string; readonly email: string }): Promise<void> {
    await this.sessions.endAll(id);
    await this.tokens.revoke(id);
    await this.mails.sendFarewell(id, deletionMail(email));
  }
}

@Injectable()
export class DeleteAccount {
  constructor(
    private readonly users: UsersStore,
    private readonly admins: Admins,
    private readonly closing: AccountClosing,
    private readonly deletions: DeletionsStore,
    private readonly process: DeletionProcess,
  ) {}

  /** Closes the account and begins its deletion in all services. Throws NOT_FOUND, DEMO_ACCOUNT and LAST_ADMIN. */
  async begin(userId: string): Promise<Deletion> {
    return this.users.transaction(async () => {
      await this.admins.refuseToLose(userId);
      const user = await this.users.lock(userId);
      if (!user) throw new DomainError('NOT_FOUND');
      if (user.demo) throw new DomainError('DEMO_ACCOUNT');
      // First: a session that begins at this moment waits for it, and is refused.
      const deletion = await this.deletions.begin(randomUUID(), userId);
      await this.closing.close(user);
      await this.process.begin(userId);
      return deletion;
    });
  }
}

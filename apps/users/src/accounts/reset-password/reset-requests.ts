import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Log } from '#libs/service';
import { Loop } from '../../loop.js';
import { passwordResetMail } from '../../mail/mail-texts.js';
import { Mails } from '../../mail/mails.js';
import { AccountTokens } from '../account-tokens/account-tokens.js';
import { UsersStore } from '../users.store.js';
import { ResetRequestsStore } from './reset-requests.store.js';

const INTERVAL_MS = 1_000;
/** As long as its token. */
const MAIL_HOURS = 1;

/**
 * Takes requests for a new password. What a caller sees, and for how long they wait, is the same for every address:
 * whether it has an account is looked up afterwards.
 */
@Injectable()
export class ResetRequests implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    private readonly requests: ResetRequestsStore,
    private readonly users: UsersStore,
    private readonly tokens: AccountTokens,
    private readonly mails: Mails,
    log: Log,
  ) {
    const work = () => this.requests.takeOne((email) => this.answer(email));
    this.loop = new Loop(work, { trouble: 'requests for a new password wait', intervalMs: INTERVAL_MS, log });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  async take(email: string): Promise<void> {
    await this.requests.add(email);
    this.loop.wake();
  }

  /** Demo accounts have no mailbox. An address that was written to a moment ago has its mail. */
  private async answer(email: string): Promise<void> {
    const user = await this.users.findByEmail(email);
    if (!user || user.demo) return;
    const use = { userId: user.id, email: user.email };
    await this.users.lock(user.id);
    if (await this.tokens.wasJustMailed('RESET_PASSWORD', use)) return;
    const token = await this.tokens.mint('RESET_PASSWORD', use);
    await this.mails.send(user.id, passwordResetMail(user.email, token), MAIL_HOURS);
  }
}

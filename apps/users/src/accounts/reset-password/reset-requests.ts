import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundJob, type RunResult } from '#libs/background';
import { Log } from '#libs/service';
import { passwordResetMail } from '../../mail/mail-texts.js';
import { Mails } from '../../mail/mails.js';
import { logTrouble } from '../../trouble.js';
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
  private readonly job: BackgroundJob;

  constructor(
    private readonly requests: ResetRequestsStore,
    private readonly users: UsersStore,
    private readonly tokens: AccountTokens,
    private readonly mails: Mails,
    log: Log,
  ) {
    const onFailure = logTrouble(log, 'requests for a new password wait');
    this.job = new BackgroundJob(() => this.work(), { intervalMs: INTERVAL_MS, onFailure });
  }

  onApplicationBootstrap(): void {
    this.job.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.job.stop();
  }

  async take(email: string): Promise<void> {
    await this.requests.add(email);
    this.job.wake();
  }

  private async work(): Promise<RunResult> {
    return (await this.requests.takeOne((email) => this.answer(email))) ? 'more' : 'done';
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

import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { BackgroundJob, type RunResult } from '#libs/background';
import { Database } from '#libs/database';
import { Log } from '#libs/service';
import { meter } from '#libs/telemetry';
import { logTrouble } from '../trouble.js';
import { type Mail, MailRefusedError, type MailTransport, type QueuedMail } from './mail.js';
import { MailsStore, type NewMail } from './mails.store.js';

/** Injection token of the transport; undefined where no mail can be sent. */
export const MAIL_TRANSPORT = Symbol('mail transport');

const INTERVAL_MS = 1_000;
const BATCH = 10;
const MAX_PAUSE_SECONDS = 600;
const HOUR = 3600;

const count = meter('users').createCounter('users_mails_total', {
  description: 'Mails by what became of them: sent, tried again later, refused for good, expired.',
});

/** Mails leave when, and only when, the transaction commits that wrote them, and are then tried until they expire. */
@Injectable()
export class Mails implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly job: BackgroundJob;

  constructor(
    private readonly database: Database,
    private readonly store: MailsStore,
    private readonly log: Log,
    @Inject(MAIL_TRANSPORT) private readonly transport: MailTransport | undefined,
  ) {
    const onFailure = logTrouble(log, 'mails are sent later');
    this.job = new BackgroundJob(() => this.work(), { intervalMs: INTERVAL_MS, onFailure });
  }

  onApplicationBootstrap(): void {
    if (!this.transport) {
      this.log.warn({}, 'no mail is sent: set SMTP_URL, or DEMO_MODE=true for a mailbox on the internal listener');
    }
    this.job.start();
  }

  /** Waits for the mails at hand; the database is still open here. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.job.stop();
    this.transport?.close();
  }

  /**
   * Call it in the transaction of what the mail tells of. The mail is given up after `lifetimeHours`, and when the account
   * is erased.
   */
  send(userId: string, mail: Mail, lifetimeHours = 24): Promise<void> {
    return this.write({ ...mail, userId, lifetimeSeconds: lifetimeHours * HOUR, outlivesAccount: false });
  }

  /** The same for a mail that is sent, within a day, also when the account has been erased meanwhile. */
  sendFarewell(userId: string, mail: Mail): Promise<void> {
    // Where no mail can be sent, the address would outlive its account for nothing.
    const outlivesAccount = this.transport !== undefined;
    return this.write({ ...mail, userId, lifetimeSeconds: 24 * HOUR, outlivesAccount });
  }

  private async write(mail: NewMail): Promise<void> {
    if (!this.database.inTransaction) throw new Error('a mail was written outside of a transaction');
    await this.store.add(mail);
    this.database.afterCommit(() => this.job.wake());
  }

  private async work(): Promise<RunResult> {
    const expired = await this.store.removeExpired();
    if (expired > 0) count.add(expired, { result: 'expired' });
    const { transport } = this;
    if (!transport) return 'done';
    const due = await this.store.claim(BATCH, transport.leaseSeconds);
    await Promise.all(due.map((mail) => this.deliver(mail, transport)));
    return due.length === BATCH ? 'more' : 'done';
  }

  private async deliver(mail: QueuedMail, transport: MailTransport): Promise<void> {
    const { id: mailId, userId, attempts } = mail;
    try {
      await transport.send(mail);
      await this.store.remove(mailId);
      count.add(1, { result: 'sent' });
      this.log.info({ mailId, userId, attempts }, 'mail sent');
    } catch (err) {
      const refused = err instanceof MailRefusedError;
      if (refused) await this.store.remove(mailId);
      else await this.store.retryIn(mailId, pauseSeconds(attempts));
      count.add(1, { result: refused ? 'refused' : 'retried' });
      this.log.warn({ mailId, userId, attempts, err }, refused ? 'mail refused' : 'mail not sent');
    }
  }
}

/** 5 s after the first try, then twice as long each time, up to ten minutes; the upper half of it by chance. */
export function pauseSeconds(attempts: number, random = Math.random()): number {
  return Math.min(MAX_PAUSE_SECONDS, 5 * 2 ** (attempts - 1)) * (0.5 + random / 2);
}

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OpsPages } from '#libs/service';
import type { MailTransport, QueuedMail } from './mail.js';
import { MailboxStore } from './mailbox.store.js';
import { mailboxPage } from './mailbox-page.js';

const MAILBOX_PATH = '/mailbox';
/** As long as anything in a mail is good for. */
const KEPT_SECONDS = 24 * 3600;

/** Where mails go in demo mode: a page on the internal listener, for whoever is at the machine. */
@Injectable()
export class Mailbox implements MailTransport, OnModuleInit {
  /** Two statements of the database, which gives up earlier. */
  readonly leaseSeconds = 30;

  constructor(
    private readonly store: MailboxStore,
    private readonly pages: OpsPages,
  ) {}

  onModuleInit(): void {
    this.pages.add(MAILBOX_PATH, async () => mailboxPage(await this.store.newest()));
  }

  async send(mail: QueuedMail): Promise<void> {
    await this.store.removeExpired();
    await this.store.receive(mail, KEPT_SECONDS);
  }

  close(): void {}
}

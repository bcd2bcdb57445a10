import type { ModuleMetadata } from '@nestjs/common';
import type { UsersConfig } from '../config.js';
import { Mailbox } from './mailbox.js';
import { MailboxStore } from './mailbox.store.js';
import { MAIL_TRANSPORT, Mails } from './mails.js';
import { MailsStore } from './mails.store.js';
import { SmtpTransport } from './smtp-transport.js';

/** What mail adds to the module of the app. */
export function mailParts(config: UsersConfig): Required<Pick<ModuleMetadata, 'providers'>> {
  return { providers: [MailsStore, Mails, ...transport(config)] };
}

function transport({ SMTP_URL: url, MAIL_FROM: from, DEMO_MODE }: UsersConfig) {
  if (url) return [{ provide: MAIL_TRANSPORT, useFactory: () => new SmtpTransport({ url, from }) }];
  if (DEMO_MODE) return [MailboxStore, Mailbox, { provide: MAIL_TRANSPORT, useExisting: Mailbox }];
  return [{ provide: MAIL_TRANSPORT, useValue: undefined }];
}

/** A mail to one person, in plain text. */
export interface Mail {
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
}

/** A mail that waits to be sent. */
export interface QueuedMail extends Mail {
  readonly id: string;
  /** Null once the account is erased that it tells of. */
  readonly userId: string | null;
  /** Which try this is, 1 for the first. */
  readonly attempts: number;
}

/** Takes mails away. */
export interface MailTransport {
  /** Longer than `send` takes, so that a mail of a replica that died sending it is not sent by another before. */
  readonly leaseSeconds: number;
  /**
   * Resolves when the mail has arrived or is somebody else's to deliver. Throws MailRefusedError when trying again would
   * not help, anything else when it might. Sending a mail again must do no harm.
   */
  send(mail: QueuedMail): Promise<void>;
  close(): void;
}

/** The mail will never be taken, e.g. since there is no such mailbox. */
export class MailRefusedError extends Error {
  override readonly name = 'MailRefusedError';
}

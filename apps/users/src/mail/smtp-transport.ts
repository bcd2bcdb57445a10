import { createTransport, type Transporter } from 'nodemailer';
import { MailRefusedError, type MailTransport, type QueuedMail } from './mail.js';

const LIMITS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

export interface SmtpOptions {
  /** smtp://user:password@host:port, smtps:// for TLS from the first byte. */
  readonly url: string;
  /** The sender, e.g. `Shop <shop@example.com>`. */
  readonly from: string;
}

/** Hands mails to an SMTP server (RFC 5321), by TLS where the server offers it. */
export class SmtpTransport implements MailTransport {
  /** A conversation of several steps, each within LIMITS. */
  readonly leaseSeconds = 120;
  private readonly transporter: Transporter;
  private readonly domain: string;

  constructor({ url, from }: SmtpOptions) {
    const safely = { disableFileAccess: true, disableUrlAccess: true };
    this.transporter = createTransport({ url, ...LIMITS, ...safely }, { from });
    this.domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'localhost';
  }

  async send({ id, recipient, subject, body }: QueuedMail): Promise<void> {
    // An object, so that the address is not parsed as a list. The same id each time: a receiver can drop a second copy.
    const to = { name: '', address: recipient };
    const headers = { 'auto-submitted': 'auto-generated' };
    try {
      await this.transporter.sendMail({ messageId: `<${id}@${this.domain}>`, to, subject, text: body, headers });
    } catch (error) {
      throw described(error);
    }
  }

  close(): void {
    this.transporter.close();
  }
}

/** What went wrong, without the server's words: they quote addresses. */
function described(error: unknown): Error {
  const { code, responseCode } = typeof error === 'object' && error !== null ? fieldsOf(error) : {};
  const what = `SMTP ${responseCode ?? code ?? 'failed'}`;
  // RFC 5321, 4.2.1: 5yz is for good. But for what is about us and not about the mail: our login, our rights.
  const forGood = responseCode !== undefined && responseCode >= 550 && responseCode < 560;
  return forGood ? new MailRefusedError(what) : new Error(what);
}

function fieldsOf(error: object): { code?: string; responseCode?: number } {
  return {
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...('responseCode' in error && typeof error.responseCode === 'number' ? { responseCode: error.responseCode } : {}),
  };
}

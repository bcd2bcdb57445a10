import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { until } from '#libs/testing';

export interface Received {
  readonly recipient: string;
  /** As it came over the wire, headers included. */
  readonly source: string;
}

/** A real SMTP server that keeps what it is given. */
export class SmtpInbox {
  readonly mails: Received[] = [];
  /** Commands of RCPT that it saw, refused ones too. */
  asked = 0;
  /** What it answers to a recipient: an SMTP code, or nothing to take the mail. */
  refusal: number | undefined;
  private server: SMTPServer | undefined;
  private port = 0;

  static async open(): Promise<SmtpInbox> {
    const inbox = new SmtpInbox();
    await inbox.start();
    return inbox;
  }

  /** Value of SMTP_URL; the same after a restart. */
  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: (_, __, done) => {
        this.asked += 1;
        const { refusal } = this;
        done(refusal ? Object.assign(new Error('canary words of the server'), { responseCode: refusal }) : undefined);
      },
      onData: (stream, session, done) => {
        text(stream).then((source) => {
          for (const { address } of session.envelope.rcptTo) this.mails.push({ recipient: address, source });
          done();
        }, done);
      },
    });
    server.on('error', () => {}); // of connections that are cut by stop()
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    const address = server.server.address();
    if (typeof address === 'object' && address) this.port = address.port;
    this.server = server;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => (this.server ? this.server.close(() => resolve()) : resolve()));
    this.server = undefined;
  }

  /** All mails to the address, oldest first. */
  to(recipient: string): Received[] {
    return this.mails.filter((mail) => mail.recipient === recipient);
  }

  /** The mail to this address with this subject, once it is there. */
  mail(recipient: string, subject: string): Promise<string> {
    const look = () => this.to(recipient).find(({ source }) => source.includes(`Subject: ${subject}`))?.source;
    return until(look, { what: `the mail "${subject}" to ${recipient}`, timeout: 30_000 });
  }

  /** The token in that mail. */
  async token(recipient: string, subject: string): Promise<string> {
    return tokenIn(await this.mail(recipient, subject));
  }
}

/** The token that stands on a line of its own. */
export function tokenIn(source: string): string {
  const token = /^[\w-]{43}$/m.exec(source.replaceAll('\r', ''))?.[0];
  if (!token) throw new Error(`no token in ${source}`);
  return token;
}

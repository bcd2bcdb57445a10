import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import pg from 'pg';
import { Users } from '#libs/contracts';
import { fromServiceError, type ReceivedError } from '#libs/errors';
import type { CallFor } from '#libs/identity';
import { type TestService, until } from '#libs/testing';
import { SmtpInbox } from './smtp-inbox.js';
import { startUsers } from './users-service.js';

/** Somebody with an account, signed in. */
export interface Someone {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly sessionId: string;
  readonly refreshToken: string;
  /** What calls carry as their principal, as the gateway makes it of the access token. */
  readonly as: CallFor;
}

const ANONYMOUS = { subject: 'anonymous', scopes: [] };

/** The users service with a real mail server beside it. */
export class AccountsRoom {
  private constructor(
    readonly service: TestService,
    readonly inbox: SmtpInbox,
    readonly admin: pg.Pool,
  ) {}

  static async open(env: Readonly<Record<string, string>> = {}): Promise<AccountsRoom> {
    const inbox = await SmtpInbox.open();
    const service = await startUsers({ SMTP_URL: inbox.url, ...env });
    const connectionString = service.database.adminUrl;
    return new AccountsRoom(service, inbox, new pg.Pool({ connectionString, options: '-c search_path=users', max: 4 }));
  }

  readonly users = (as: CallFor = ANONYMOUS) => this.service.client(Users, as);

  /** A new account, signed in. */
  async someone(email = `canary.${randomUUID()}@shop.example`, password = 'canary horse battery'): Promise<Someone> {
    const { id } = await this.users().createUser({ email, password, name: 'Canary Bird' });
    return { ...(await this.signIn(email, password)), id };
  }

  async signIn(email: string, password: string): Promise<Someone> {
    const session = await this.users().createSession({ email, password });
    const { sub: id = '', sid, scope } = decodeJwt<{ sid: string; scope: string }>(session.accessToken);
    const as = { subject: id, scopes: scope.split(' '), sessionId: sid };
    return { id, email, password, sessionId: sid, refreshToken: session.refreshToken, as };
  }

  /** Makes an administrator of somebody, as no RPC can. */
  async promote({ id, email, password }: Someone): Promise<Someone> {
    await this.admin.query("UPDATE users SET roles = '{CUSTOMER,ADMIN}' WHERE id = $1", [id]);
    return this.signIn(email, password);
  }

  async rows(sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
    return (await this.admin.query(sql, values)).rows;
  }

  async sessionsOf(userId: string): Promise<unknown[]> {
    return (await this.rows('SELECT id FROM sessions WHERE user_id = $1', userId)).map(({ id }) => id);
  }

  /** Lets the database's clock pass, by moving what was written. */
  async age(table: string, column: string, interval: string): Promise<void> {
    await this.admin.query(`UPDATE ${table} SET ${column} = ${column} - $1::interval`, [interval]);
  }

  /** Runs `work` beside another transaction, which commits once `waiting` others wait for it. */
  async during<T>(sql: string, values: unknown[], work: () => Promise<T>, waiting = 1): Promise<T> {
    const other = await this.admin.connect();
    try {
      await other.query('BEGIN');
      await other.query(sql, values);
      const result = work();
      result.catch(() => {});
      await this.untilWaiting(waiting);
      await other.query('COMMIT');
      return await result;
    } finally {
      other.release(true);
    }
  }

  /** Resolves once so many wait for a row that another transaction has. */
  async untilWaiting(count: number): Promise<void> {
    const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await this.rows(waits)).length === count, { what: 'the others to wait', timeout: 30_000 });
  }

  async mailsAreSent(): Promise<void> {
    await until(async () => (await this.rows('SELECT 1 FROM mails')).length === 0, {
      what: 'all mails to be sent',
      timeout: 30_000,
    });
  }

  /** What the log holds of mailed tokens, and of addresses, names and passwords, which tests begin with "canary". */
  leaksInLog(): string[] {
    const tokens = this.inbox.mails.flatMap(({ source }) => /^[\w-]{43}\r?$/m.exec(source)?.[0].trim() ?? []);
    const leaks = (line: string) => /canary/i.test(line) || tokens.some((token) => line.includes(token));
    return this.service.logs.filter(leaks);
  }

  async close(): Promise<void> {
    await this.admin.end();
    await this.service.close();
    await this.inbox.stop();
  }
}

/** What a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<ReceivedError> {
  return call.then(
    () => Promise.reject(new Error('the call was not refused')),
    (error: unknown) => fromServiceError(error),
  );
}

import { Injectable } from '@nestjs/common';
import { type Generated, sql } from 'kysely';
import { Database } from '#libs/database';

interface Tables {
  users: { id: string; email: string; password_hash: string; demo: boolean };
  totp: {
    user_id: string;
    secret: Buffer;
    confirm_time: Date | null;
    last_step: Generated<bigint>;
    guesses: Generated<number>;
    guesses_time: Generated<Date>;
  };
  totp_recovery_codes: { user_id: string; code_hash: Buffer };
}

/** Five guesses at once, then one in two minutes: some 700 a day, of which a right one comes in decades. */
const BURST = 5;
const SECONDS_PER_GUESS = 120;

/** A right code: of which secret, and of which of its time steps. */
export interface TotpCode {
  readonly userId: string;
  readonly secret: Buffer;
  readonly step: number;
}

export type Guess =
  | { readonly kind: 'allowed'; readonly secret: Buffer; readonly active: boolean }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds: number }
  | { readonly kind: 'none' };

@Injectable()
export class TotpStore {
  private readonly database: Database<Tables>;

  constructor(database: Database) {
    this.database = database.withTables<Tables>();
  }

  transaction<T>(work: () => Promise<T>): Promise<T> {
    return this.database.transaction(work);
  }

  async account(userId: string): Promise<{ email: string; passwordHash: string; demo: boolean } | undefined> {
    return this.database.db
      .selectFrom('users')
      .select(['email', 'password_hash as passwordHash', 'demo'])
      .where('id', '=', userId)
      .executeTakeFirst();
  }

  async isActive(userId: string): Promise<boolean> {
    const query = this.database.db.selectFrom('totp').select('user_id').where('user_id', '=', userId);
    return (await query.where('confirm_time', 'is not', null).executeTakeFirst()) !== undefined;
  }

  /** Puts a new secret in the place of one that was never confirmed. False when there is a confirmed one. */
  async enrol(userId: string, secret: Buffer): Promise<boolean> {
    const enrolled = await this.database.db
      .insertInto('totp')
      .values({ user_id: userId, secret, confirm_time: null })
      .onConflict((conflict) =>
        conflict.column('user_id').doUpdateSet({ secret, last_step: 0n }).where('totp.confirm_time', 'is', null),
      )
      .returning('user_id')
      .executeTakeFirst();
    return enrolled !== undefined;
  }

  /** Takes a guess from the account's bucket, before the code is looked at: so many can be wrong at once. */
  async takeGuess(userId: string): Promise<Guess> {
    const left = sql<number>`least(${BURST}, guesses + extract(epoch from now() - guesses_time) / ${SECONDS_PER_GUESS})`;
    const taken = await this.database.db
      .updateTable('totp')
      .set({ guesses: sql<number>`${left} - 1`, guesses_time: sql<Date>`now()` })
      .where('user_id', '=', userId)
      .where(left, '>=', 1)
      .returning(['secret', 'confirm_time'])
      .executeTakeFirst();
    if (taken) return { kind: 'allowed', secret: taken.secret, active: taken.confirm_time !== null };
    const row = await this.database.db
      .selectFrom('totp')
      .select(left.as('left'))
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (!row) return { kind: 'none' };
    return { kind: 'throttled', retryAfterSeconds: Math.max(1, Math.ceil((1 - row.left) * SECONDS_PER_GUESS)) };
  }

  /** Uses the code up, with all before it, and fills the bucket again. False when it was used before. */
  async use(code: TotpCode): Promise<boolean> {
    return (await this.usage(code).executeTakeFirst()).numUpdatedRows > 0n;
  }

  /**
   * Uses the code up and makes its secret count. False when one does already, and when another secret has taken its
   * place since the code was looked at. Belongs into a transaction.
   */
  async confirm(code: TotpCode, recoveryCodeHashes: readonly Buffer[]): Promise<boolean> {
    const confirmed = await this.usage(code)
      .set({ confirm_time: sql<Date>`now()` })
      .where('confirm_time', 'is', null)
      .executeTakeFirst();
    if (confirmed.numUpdatedRows === 0n) return false;
    const codes = recoveryCodeHashes.map((code_hash) => ({ user_id: code.userId, code_hash }));
    await this.database.db.insertInto('totp_recovery_codes').values(codes).execute();
    return true;
  }

  /** Uses a recovery code up. False when there is none such left. */
  async useRecoveryCode(userId: string, hash: Buffer): Promise<boolean> {
    const query = this.database.db.deleteFrom('totp_recovery_codes').where('user_id', '=', userId);
    return (await query.where('code_hash', '=', hash).executeTakeFirst()).numDeletedRows > 0n;
  }

  async remove(userId: string): Promise<void> {
    await this.database.db.deleteFrom('totp').where('user_id', '=', userId).execute();
  }

  private usage({ userId, secret, step }: TotpCode) {
    return this.database.db
      .updateTable('totp')
      .set({ last_step: BigInt(step), guesses: BURST, guesses_time: sql<Date>`now()` })
      .where('user_id', '=', userId)
      .where('secret', '=', secret)
      .where('last_step', '<', BigInt(step));
  }
}

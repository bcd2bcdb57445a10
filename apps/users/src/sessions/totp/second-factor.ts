import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { Log } from '#libs/service';
import { recoveryCodeHash } from './recovery-codes.js';
import { type TotpCode, TotpStore } from './totp.store.js';
import { stepOfCode } from './totp-codes.js';

@Injectable()
export class SecondFactor {
  constructor(
    private readonly store: TotpStore,
    private readonly log: Log,
  ) {}

  /** Whether sign-in asks for a code. */
  isActive(userId: string): Promise<boolean> {
    return this.store.isActive(userId);
  }

  /** Whether this is a code of the authenticator, or a recovery code; uses it up. Throws THROTTLED after many wrong ones. */
  async admits(userId: string, code: string): Promise<boolean> {
    // Recovery codes cannot be guessed, so their owner gets in with one while somebody else wastes the guesses.
    if (!/^\d{6}$/.test(code.trim())) return this.store.useRecoveryCode(userId, recoveryCodeHash(code));
    const right = await this.rightCode(userId, code.trim(), true);
    return right !== undefined && this.store.use(right);
  }

  /**
   * What the code is of, if it is right; it is not used up yet. `active` says whether the secret has to be confirmed or
   * must not be yet. Throws THROTTLED after many wrong ones.
   */
  async rightCode(userId: string, code: string, active: boolean): Promise<TotpCode | undefined> {
    const guess = await this.store.takeGuess(userId);
    if (guess.kind === 'throttled') {
      this.log.warn({ userId }, 'too many wrong codes of an authenticator');
      throw new DomainError('THROTTLED', { retryAfterSeconds: guess.retryAfterSeconds });
    }
    if (guess.kind === 'none' || guess.active !== active) return undefined;
    const { secret } = guess;
    const step = stepOfCode(secret, code, Date.now());
    return step === undefined ? undefined : { userId, secret, step };
  }
}

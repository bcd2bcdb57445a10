import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { Log } from '#libs/service';
import { recoveryCodeHash } from './recovery-codes.js';
import { TotpStore } from './totp.store.js';
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
    return this.admitsCode(userId, code.trim(), true);
  }

  /** The same for codes of the authenticator alone; `active` says whether it has to be confirmed or must not be yet. */
  async admitsCode(userId: string, code: string, active: boolean): Promise<boolean> {
    const guess = await this.store.takeGuess(userId);
    if (guess.kind === 'throttled') {
      this.log.warn({ userId }, 'too many wrong codes of an authenticator');
      throw new DomainError('THROTTLED', { retryAfterSeconds: guess.retryAfterSeconds });
    }
    if (guess.kind === 'none' || guess.active !== active) return false;
    const step = stepOfCode(guess.secret, code, Date.now());
    return step !== undefined && this.store.useStep(userId, step);
  }
}

import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { callSignal } from '#libs/service';
import { type Argon2Cost, hashArgon2id, verifyArgon2id } from './argon2id.js';

// OWASP's recommendation for argon2id (Password Storage Cheat Sheet).
const COST: Argon2Cost = { memory: 19_456, passes: 2, parallelism: 1 };

// Each hash takes a thread and 19 MiB for some 20 ms: more at once would only starve everything else.
const AT_ONCE = 2;
const WAITING = 100;

/** Hashes passwords, a few at a time. Rejects with THROTTLED when too many wait already. */
@Injectable()
export class Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly nobody = hashArgon2id('the password of nobody', COST);

  hash(password: string): Promise<string> {
    return this.inTurn(() => hashArgon2id(password, COST));
  }

  /**
   * Whether it is the password that was hashed. Without a hash (no such account) the answer is false, after the same
   * work: how long an answer takes must not tell which accounts exist.
   */
  async verify(passwordHash: string | undefined, password: string): Promise<boolean> {
    const compared = passwordHash ?? (await this.nobody);
    const matches = await this.inTurn(() => verifyArgon2id(compared, password));
    return matches && passwordHash !== undefined;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    await this.turn();
    try {
      // Whoever gave up while waiting costs nothing more.
      if (callSignal()?.aborted) throw new DomainError('CANCELLED');
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }

  private turn(): Promise<void> {
    if (this.running < AT_ONCE) {
      this.running += 1;
      return Promise.resolve();
    }
    if (this.waiting.length >= WAITING) throw new DomainError('THROTTLED', { retryAfterSeconds: 1 });
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

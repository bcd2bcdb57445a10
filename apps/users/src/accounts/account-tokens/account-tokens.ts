import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AccountTokensStore, type TokenPurpose, type TokenUse } from './account-tokens.store.js';

const LIFETIME_SECONDS: Readonly<Record<TokenPurpose, number>> = { VERIFY_EMAIL: 86_400, RESET_PASSWORD: 3_600 };
/** So long after a mail no other one of its kind is written to the same address: nobody's mailbox is flooded. */
export const MAIL_PAUSE_SECONDS = 60;

/** Tokens that prove, once, that somebody reads the mail of an address. */
@Injectable()
export class AccountTokens {
  constructor(private readonly store: AccountTokensStore) {}

  /** A new token; those before it stay good, so that asking for more cannot take the owner's away. */
  async mint(purpose: TokenPurpose, { userId, email }: TokenUse): Promise<string> {
    // 256 random bits: nobody guesses them, so a fast hash without salt keeps them as well as a slow one.
    const token = randomBytes(32).toString('base64url');
    await this.store.add({ hash: hashOf(token), purpose, userId, email, lifetimeSeconds: LIFETIME_SECONDS[purpose] });
    return token;
  }

  /** What the token is for; undefined when it is not good. It stays good. */
  find(purpose: TokenPurpose, token: string): Promise<TokenUse | undefined> {
    return this.store.find(purpose, hashOf(token));
  }

  /** What the token is for, now for the last time; undefined when it is not good. */
  consume(purpose: TokenPurpose, token: string): Promise<TokenUse | undefined> {
    return this.store.remove(purpose, hashOf(token));
  }

  /** Makes all tokens of the user worthless, or those of one purpose. */
  revoke(userId: string, purpose?: TokenPurpose): Promise<void> {
    return this.store.removeAll(userId, purpose);
  }

  /** Whether one was mailed to this address a moment ago. */
  wasJustMailed(purpose: TokenPurpose, use: TokenUse): Promise<boolean> {
    return this.store.existsYoungerThan(MAIL_PAUSE_SECONDS, purpose, use);
  }
}

const hashOf = (token: string) => createHash('sha256').update(token).digest();

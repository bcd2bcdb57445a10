import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import type { Principal } from '#libs/identity';
import { SessionsStore } from './sessions.store.js';

const WITHIN_SECONDS = 15 * 60;

/** For what gives an account away for good: a session that was stolen later must not be enough for it. */
@Injectable()
export class RecentSignIn {
  constructor(private readonly sessions: SessionsStore) {}

  /** Throws SIGN_IN_AGAIN unless the caller's session began with a sign-in within the last 15 minutes, and goes on. */
  async demand({ sessionId }: Principal): Promise<void> {
    const isYoung = sessionId !== undefined && (await this.sessions.isYoung(sessionId, WITHIN_SECONDS));
    if (!isYoung) throw new DomainError('SIGN_IN_AGAIN');
  }
}

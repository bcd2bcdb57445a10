import { Injectable } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { Log } from '#libs/service';
import { DemoAccess } from '../demo-access.js';
import { hashOf, newRefreshToken, SessionTokens } from '../session-tokens.js';
import { SessionsStore } from '../sessions.store.js';

@Injectable()
export class RefreshSession {
  constructor(
    private readonly sessions: SessionsStore,
    private readonly tokens: SessionTokens,
    private readonly demo: DemoAccess,
    private readonly log: Log,
  ) {}

  /**
   * New tokens for a refresh token, which is used up by it. REFRESH_TOKEN_INVALID for one that is unknown, expired or
   * used before; the last of these ends the session (RFC 9700, 4.14.2).
   */
  async refresh(refreshToken: string) {
    const used = hashOf(refreshToken);
    const granted = await this.sessions.transaction(() => this.rotate(used));
    if (granted) return granted;
    // Of two calls with one token the second comes here too: the first has committed before it can look.
    const reused = await this.sessions.endReused(used);
    if (reused) this.log.warn({ sessionId: reused }, 'session ended: a refresh token was used twice');
    throw new DomainError('REFRESH_TOKEN_INVALID');
  }

  /** In a transaction: a token is used up only when there are new ones to give for it. */
  private async rotate(used: Buffer) {
    const next = newRefreshToken();
    const session = await this.sessions.rotate(used, next.hash);
    if (!session) return undefined;
    if (!this.demo.admits(session.user)) throw new DomainError('REFRESH_TOKEN_INVALID');
    return this.tokens.grant({ sessionId: session.id, user: session.user, refreshToken: next.token });
  }
}

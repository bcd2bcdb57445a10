import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { CreateSessionRequest } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { newRefreshToken, SessionTokens } from '../session-tokens.js';
import { SessionsStore } from '../sessions.store.js';
import { SecondFactor } from '../totp/second-factor.js';
import { Credentials } from './credentials.js';

/** A session ends by itself so long after the sign-in, however often it was refreshed. */
const SESSION_SECONDS = 30 * 86_400;

@Injectable()
export class SignIn {
  constructor(
    private readonly credentials: Credentials,
    private readonly factor: SecondFactor,
    private readonly sessions: SessionsStore,
    private readonly tokens: SessionTokens,
  ) {}

  /** Starts a session. What is wrong with a second factor is told only to those who know the password. */
  async signIn({ email, password, totpCode }: CreateSessionRequest) {
    const user = await this.credentials.check(email, password);
    if (await this.factor.isActive(user.id)) await this.demandCode(user.id, totpCode);
    return this.sessions.transaction(() => this.begin(user));
  }

  private async begin({ id, passwordHash }: { id: string; passwordHash: string }) {
    const sessionId = randomUUID();
    const refresh = newRefreshToken();
    const roles = await this.sessions.add({
      id: sessionId,
      userId: id,
      passwordHash,
      refreshTokenHash: refresh.hash,
      lifetimeSeconds: SESSION_SECONDS,
    });
    if (!roles) throw new DomainError('WRONG_CREDENTIALS');
    return this.tokens.grant({ sessionId, user: { id, roles }, refreshToken: refresh.token });
  }

  private async demandCode(userId: string, code: string): Promise<void> {
    if (code === '') throw new DomainError('TOTP_REQUIRED');
    if (!(await this.factor.admits(userId, code))) throw new DomainError('WRONG_CREDENTIALS');
  }
}

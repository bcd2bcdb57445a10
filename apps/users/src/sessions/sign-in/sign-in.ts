import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { CreateSessionRequest } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { UsersStore } from '../../accounts/users.store.js';
import { Passwords } from '../../passwords/passwords.js';
import { DemoAccess } from '../demo-access.js';
import { newRefreshToken, SessionTokens } from '../session-tokens.js';
import { SessionsStore } from '../sessions.store.js';

/** A session ends by itself so long after the sign-in, however often it was refreshed. */
const SESSION_SECONDS = 30 * 86_400;

@Injectable()
export class SignIn {
  constructor(
    private readonly users: UsersStore,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsStore,
    private readonly tokens: SessionTokens,
    private readonly demo: DemoAccess,
  ) {}

  /** Starts a session. WRONG_CREDENTIALS, equally and equally late, for an unknown account and for a wrong password. */
  async signIn({ email, password }: CreateSessionRequest) {
    const user = await this.users.findCredentials(email);
    const matches = await this.passwords.verify(user?.passwordHash, password);
    if (!user || !matches || !this.demo.admits(user)) throw new DomainError('WRONG_CREDENTIALS');
    const sessionId = randomUUID();
    const refresh = newRefreshToken();
    await this.sessions.add({
      id: sessionId,
      userId: user.id,
      refreshTokenHash: refresh.hash,
      lifetimeSeconds: SESSION_SECONDS,
    });
    return this.tokens.grant({ sessionId, user, refreshToken: refresh.token });
  }
}

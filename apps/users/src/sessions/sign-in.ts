import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { DomainError } from '#libs/errors';
import { scopesOf } from '../accounts/user.js';
import type { UsersStore } from '../accounts/users.store.js';
import type { Passwords } from '../passwords/passwords.js';
import { ACCESS_TOKEN_SECONDS, type AccessTokens } from './access-tokens.js';
import type { SessionsStore } from './sessions.store.js';

const SESSION_SECONDS = 30 * 86_400;

export interface SignInOptions {
  readonly access: AccessTokens;
  /** Demo accounts have a password that everybody knows. */
  readonly demoAccountsAllowed: boolean;
}

export interface SignedIn {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

export class SignIn {
  constructor(
    private readonly users: UsersStore,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsStore,
    private readonly options: SignInOptions,
  ) {}

  /** Starts a session. WRONG_CREDENTIALS, equally and equally late, for an unknown account and for a wrong password. */
  async signIn(email: string, password: string): Promise<SignedIn> {
    const user = await this.users.findCredentials(email);
    const matches = await this.passwords.verify(user?.passwordHash, password);
    const allowed = matches && (!user?.demo || this.options.demoAccountsAllowed);
    if (!user || !allowed) throw new DomainError('WRONG_CREDENTIALS');
    const sessionId = randomUUID();
    const refreshToken = randomBytes(32).toString('base64url');
    await this.sessions.add({
      id: sessionId,
      userId: user.id,
      refreshTokenHash: createHash('sha256').update(refreshToken).digest(),
      lifetimeSeconds: SESSION_SECONDS,
    });
    const accessToken = await this.options.access.issue({ userId: user.id, sessionId, scopes: scopesOf(user.roles) });
    return { accessToken, refreshToken, expiresIn: ACCESS_TOKEN_SECONDS };
  }
}

import type { ModuleMetadata } from '@nestjs/common';
import { SigningKeys } from '#libs/identity';
import { UsersStore } from '../accounts/users.store.js';
import type { UsersConfig } from '../config.js';
import { Passwords } from '../passwords/passwords.js';
import { AccessTokens } from './access-tokens.js';
import { PublishedKeysHandler } from './published-keys.handler.js';
import { SessionsStore } from './sessions.store.js';
import { SignInHandler } from './sign-in.handler.js';
import { SignIn } from './sign-in.js';

/** What the session side adds to the module of the app. */
export function sessionParts(config: UsersConfig): Required<Pick<ModuleMetadata, 'controllers' | 'providers'>> {
  const tokens = { issuer: config.TOKEN_ISSUER, audience: config.TOKEN_AUDIENCE };
  return {
    controllers: [SignInHandler, PublishedKeysHandler],
    providers: [
      SessionsStore,
      {
        provide: AccessTokens,
        inject: [SigningKeys],
        useFactory: (keys: SigningKeys) => new AccessTokens(keys, tokens),
      },
      {
        provide: SignIn,
        inject: [UsersStore, Passwords, SessionsStore, AccessTokens],
        useFactory: (users: UsersStore, passwords: Passwords, sessions: SessionsStore, access: AccessTokens) =>
          new SignIn(users, passwords, sessions, { access, demoAccountsAllowed: config.DEMO_MODE }),
      },
    ],
  };
}

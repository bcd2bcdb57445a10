import type { ModuleMetadata } from '@nestjs/common';
import { SigningKeys } from '#libs/identity';
import { ListingModule } from '#libs/listing';
import type { UsersConfig } from '../config.js';
import { AccessTokens } from './access-tokens.js';
import { DemoAccess } from './demo-access.js';
import { EndedSessionsFeed } from './ended-sessions/ended-sessions.feed.js';
import { EndedSessionsStore } from './ended-sessions/ended-sessions.store.js';
import { WatchEndedSessionsHandler } from './ended-sessions/watch-ended-sessions.handler.js';
import { EndSessionHandler } from './own-sessions/end-session.handler.js';
import { ListSessionsHandler } from './own-sessions/list-sessions.handler.js';
import { PublishedKeysHandler } from './published-keys.handler.js';
import { RecentSignIn } from './recent-sign-in.js';
import { RefreshSessionHandler } from './refresh-session/refresh-session.handler.js';
import { RefreshSession } from './refresh-session/refresh-session.js';
import { SessionPurge } from './session-purge.js';
import { SessionTokens } from './session-tokens.js';
import { SessionsStore } from './sessions.store.js';
import { Credentials } from './sign-in/credentials.js';
import { SignInHandler } from './sign-in/sign-in.handler.js';
import { SignIn } from './sign-in/sign-in.js';
import { SecondFactor } from './totp/second-factor.js';
import { TotpHandler } from './totp/totp.handler.js';
import { TotpStore } from './totp/totp.store.js';

/** What the session side adds to the module of the app. */
export function sessionParts(
  config: UsersConfig,
): Required<Pick<ModuleMetadata, 'imports' | 'controllers' | 'providers'>> {
  const tokens = { issuer: config.TOKEN_ISSUER, audience: config.TOKEN_AUDIENCE };
  return {
    imports: [ListingModule],
    controllers: [
      ...[SignInHandler, RefreshSessionHandler, PublishedKeysHandler],
      ...[ListSessionsHandler, EndSessionHandler, WatchEndedSessionsHandler, TotpHandler],
    ],
    providers: [
      {
        provide: AccessTokens,
        inject: [SigningKeys],
        useFactory: (keys: SigningKeys) => new AccessTokens(keys, tokens),
      },
      { provide: DemoAccess, useValue: new DemoAccess(config.DEMO_MODE) },
      ...[SessionsStore, SessionTokens, Credentials, SignIn, RefreshSession, RecentSignIn],
      ...[TotpStore, SecondFactor],
      ...[EndedSessionsStore, EndedSessionsFeed, SessionPurge],
    ],
  };
}

import { type DynamicModule, Module } from '@nestjs/common';
import { DatabaseModule } from '#libs/database';
import { IdentityModule, SigningKeys } from '#libs/identity';
import { MessagingModule } from '#libs/messaging';
import { AccessTokens } from './access-tokens.js';
import { Accounts } from './accounts.js';
import type { UsersConfig } from './config.js';
import { DemoAccounts } from './demo-accounts.js';
import { Passwords } from './passwords.js';
import { Sessions } from './sessions.js';
import { UsersController } from './users.controller.js';
import { UsersStore } from './users.store.js';

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: how Nest writes a module with options
export class UsersModule {
  static forRoot(config: UsersConfig): DynamicModule {
    const tokens = { issuer: config.TOKEN_ISSUER, audience: config.TOKEN_AUDIENCE };
    const demo = config.DEMO_MODE;
    return {
      module: UsersModule,
      imports: [
        DatabaseModule.forRoot({ url: config.DATABASE_URL, applicationName: 'users' }),
        MessagingModule.forRoot({
          service: 'users',
          brokers: config.KAFKA_BROKERS,
          topicPrefix: config.KAFKA_TOPIC_PREFIX,
        }),
        IdentityModule.forIssuer(),
      ],
      controllers: [UsersController],
      providers: [
        UsersStore,
        Passwords,
        Accounts,
        {
          provide: AccessTokens,
          inject: [SigningKeys],
          useFactory: (keys: SigningKeys) => new AccessTokens(keys, tokens),
        },
        {
          provide: Sessions,
          inject: [UsersStore, Passwords, AccessTokens],
          useFactory: (store: UsersStore, passwords: Passwords, access: AccessTokens) =>
            new Sessions(store, passwords, { access, demoAccountsAllowed: demo }),
        },
        ...(demo ? [DemoAccounts] : []),
      ],
    };
  }
}

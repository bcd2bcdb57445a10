import { type DynamicModule, Module } from '@nestjs/common';
import { DatabaseModule } from '#libs/database';
import { IdentityModule } from '#libs/identity';
import { MessagingModule } from '#libs/messaging';
import { operatorRoom } from '#libs/operator';
import { kafkaOf } from '#libs/service';
import { accountParts } from './accounts/account-parts.js';
import type { UsersConfig } from './config.js';
import { DeletionProcess } from './delete-account/deletion.process.js';
import { deletionParts } from './delete-account/deletion-parts.js';
import { mailParts } from './mail/mail-parts.js';
import { UsersDesk } from './operator/users.desk.js';
import { Passwords } from './passwords/passwords.js';
import { peerParts } from './peers.js';
import { sessionParts } from './sessions/session-parts.js';

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: how Nest writes a module with options
export class UsersModule {
  static forRoot(config: UsersConfig): DynamicModule {
    const sessions = sessionParts(config);
    const parts = [accountParts(config), sessions, deletionParts()];
    const providers = [...parts, mailParts(config), peerParts(config)].flatMap((part) => part.providers);
    return {
      module: UsersModule,
      imports: [
        DatabaseModule.forRoot({ url: config.DATABASE_URL, applicationName: 'users' }),
        MessagingModule.forRoot({ service: 'users', ...kafkaOf(config) }),
        IdentityModule.forCaller({ name: 'users' }),
        ...sessions.imports,
      ],
      controllers: parts.flatMap(({ controllers }) => controllers),
      providers: [
        Passwords,
        ...providers,
        ...operatorRoom({ config, sagas: [DeletionProcess], keys: true, desks: [UsersDesk] }),
      ],
    };
  }
}

import type { ModuleMetadata } from '@nestjs/common';
import type { UsersConfig } from '../config.js';
import { AccountsController } from './accounts.controller.js';
import { Accounts } from './accounts.js';
import { DemoAccounts } from './demo-accounts.js';
import { UsersStore } from './users.store.js';

/** What the account side adds to the module of the app. */
export function accountParts(config: UsersConfig): Required<Pick<ModuleMetadata, 'controllers' | 'providers'>> {
  return {
    controllers: [AccountsController],
    providers: [UsersStore, Accounts, ...(config.DEMO_MODE ? [DemoAccounts] : [])],
  };
}

import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DomainError } from '#libs/errors';
import { Accounts, type SignUp } from './accounts.js';

const PASSWORD = 'ineedthatfast';

const ACCOUNTS: readonly SignUp[] = [
  { email: 'admin@ineedthatfast.example', name: 'Ada Admin', roles: ['ADMIN'], password: PASSWORD, demo: true },
  {
    email: 'customer@ineedthatfast.example',
    name: 'Cleo Customer',
    roles: ['CUSTOMER'],
    password: PASSWORD,
    demo: true,
  },
];

/** Makes the demo accounts at boot, in demo mode only; those that exist stay as they are. */
@Injectable()
export class DemoAccounts implements OnApplicationBootstrap {
  constructor(private readonly accounts: Accounts) {}

  async onApplicationBootstrap(): Promise<void> {
    for (const account of ACCOUNTS) {
      await this.accounts.signUp(account).catch((error: unknown) => {
        if (!(error instanceof DomainError && error.code === 'EMAIL_TAKEN')) throw error;
      });
    }
  }
}

import type { ModuleMetadata } from '@nestjs/common';
import type { UsersConfig } from '../config.js';
import { AccountTokens } from './account-tokens/account-tokens.js';
import { AccountTokensStore } from './account-tokens/account-tokens.store.js';
import { AccountsController } from './accounts.controller.js';
import { Accounts } from './accounts.js';
import { ChangePasswordHandler } from './change-password/change-password.handler.js';
import { ChangePassword, NewPassword } from './change-password/change-password.js';
import { DemoAccounts } from './demo-accounts.js';
import { ExportAccountHandler } from './export-account/export-account.handler.js';
import { ExportAccount } from './export-account/export-account.js';
import { ResetPasswordHandler } from './reset-password/reset-password.handler.js';
import { ResetPassword } from './reset-password/reset-password.js';
import { ResetRequests } from './reset-password/reset-requests.js';
import { ResetRequestsStore } from './reset-password/reset-requests.store.js';
import { Admins } from './roles/admins.js';
import { ChangeRole } from './roles/change-role.js';
import { RolesHandler } from './roles/roles.handler.js';
import { RolesStore } from './roles/roles.store.js';
import { UpdateAccountHandler } from './update-account/update-account.handler.js';
import { UpdateAccount } from './update-account/update-account.js';
import { UsersStore } from './users.store.js';
import { EmailVerification } from './verify-email/email-verification.js';
import { VerifyEmailHandler } from './verify-email/verify-email.handler.js';

/** What the account side adds to the module of the app. */
export function accountParts(config: UsersConfig): Required<Pick<ModuleMetadata, 'controllers' | 'providers'>> {
  return {
    controllers: [
      ...[AccountsController, UpdateAccountHandler, ChangePasswordHandler, VerifyEmailHandler, ResetPasswordHandler],
      ...[ExportAccountHandler, RolesHandler],
    ],
    providers: [
      ...[UsersStore, AccountTokensStore, ResetRequestsStore, RolesStore],
      ...[Accounts, AccountTokens, EmailVerification, UpdateAccount, NewPassword, ChangePassword],
      ...[ResetRequests, ResetPassword, ExportAccount, Admins, ChangeRole],
      ...(config.DEMO_MODE ? [DemoAccounts] : []),
    ],
  };
}

import type { ModuleMetadata } from '@nestjs/common';
import { DeleteAccountHandler } from './delete-account.handler.js';
import { AccountClosing, DeleteAccount } from './delete-account.js';
import { DeletionProcess } from './deletion.process.js';
import { DeletionReplies } from './deletion.replies.js';
import { DeletionReadiness } from './deletion-readiness.js';
import { DeletionsStore } from './deletions.store.js';

/** What the deletion of accounts adds to the module of the app. */
export function deletionParts(): Required<Pick<ModuleMetadata, 'controllers' | 'providers'>> {
  return {
    controllers: [DeleteAccountHandler, DeletionReplies],
    providers: [AccountClosing, DeleteAccount, DeletionProcess, DeletionReadiness, DeletionsStore],
  };
}

import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  type DeleteMeRequest,
  type DeletionSchema,
  type GetDeletionRequest,
  Deletion_State as State,
  Users,
} from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Log, Rpc } from '#libs/service';
import { Accounts } from '../accounts/accounts.js';
import { RecentSignIn } from '../sessions/recent-sign-in.js';
import { DeleteAccount } from './delete-account.js';
import { type Deletion, DeletionsStore } from './deletions.store.js';

@Controller()
export class DeleteAccountHandler {
  constructor(
    private readonly accounts: Accounts,
    private readonly account: DeleteAccount,
    private readonly deletions: DeletionsStore,
    private readonly signIn: RecentSignIn,
    private readonly log: Log,
  ) {}

  @Rpc(Users.method.deleteMe)
  async delete(@Payload() _: DeleteMeRequest, @CurrentPrincipal() principal: Principal) {
    const { id: userId } = await this.accounts.find(principal.subject);
    // A DELETE has no body to put a password into.
    await this.signIn.demand(principal);
    const deletion = await this.account.begin(userId);
    this.log.info({ userId }, 'account is being deleted');
    return toProto(deletion);
  }

  @Rpc(Users.method.getDeletion)
  async get(@Payload() { id }: GetDeletionRequest) {
    const deletion = await this.deletions.find(id);
    if (!deletion) throw new DomainError('NOT_FOUND');
    return toProto(deletion);
  }
}

function toProto({ id, createTime, endTime }: Deletion): MessageInitShape<typeof DeletionSchema> {
  return {
    id,
    state: endTime ? State.DONE : State.RUNNING,
    createTime: timestampFromDate(createTime),
    ...(endTime && { endTime: timestampFromDate(endTime) }),
  };
}

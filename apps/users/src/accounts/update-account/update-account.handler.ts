import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type UpdateMeRequest, Users } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Rpc } from '#libs/service';
import { Accounts } from '../accounts.js';
import { toProto } from '../user.js';
import { changesOf } from './changes-of.js';
import { UpdateAccount } from './update-account.js';

@Controller()
export class UpdateAccountHandler {
  constructor(
    private readonly accounts: Accounts,
    private readonly account: UpdateAccount,
  ) {}

  @Rpc(Users.method.updateMe)
  async update(@Payload() { user, updateMask }: UpdateMeRequest, @CurrentPrincipal() { subject }: Principal) {
    if (!user) throw new DomainError('VALIDATION_FAILED');
    const { id } = await this.accounts.find(subject);
    return toProto(await this.account.update(id, changesOf(user, updateMask)));
  }
}

import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type UpdateMeRequest, Users } from '#libs/contracts';
import { DomainError } from '#libs/errors';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Rpc } from '#libs/service';
import { RecentSignIn } from '../../sessions/recent-sign-in.js';
import { Accounts } from '../accounts.js';
import { isSameEmail, toProto } from '../user.js';
import { changesOf } from './changes-of.js';
import { UpdateAccount } from './update-account.js';

@Controller()
export class UpdateAccountHandler {
  constructor(
    private readonly accounts: Accounts,
    private readonly account: UpdateAccount,
    private readonly signIn: RecentSignIn,
  ) {}

  @Rpc(Users.method.updateMe)
  async update(@Payload() { user, updateMask }: UpdateMeRequest, @CurrentPrincipal() principal: Principal) {
    if (!user) throw new DomainError('VALIDATION_FAILED');
    const { id, email } = await this.accounts.find(principal.subject);
    const changes = changesOf(user, updateMask);
    // Whoever reads the mail of the address can set a new password.
    if (changes.email !== undefined && !isSameEmail(changes.email, email)) await this.signIn.demand(principal);
    return toProto(await this.account.update(id, changes));
  }
}

import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type ChangePasswordRequest, Users } from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Rpc } from '#libs/service';
import { Accounts } from '../accounts.js';
import { ChangePassword } from './change-password.js';

@Controller()
export class ChangePasswordHandler {
  constructor(
    private readonly accounts: Accounts,
    private readonly password: ChangePassword,
  ) {}

  @Rpc(Users.method.changePassword)
  async change(@Payload() request: ChangePasswordRequest, @CurrentPrincipal() { subject, sessionId }: Principal) {
    const { id } = await this.accounts.find(subject);
    await this.password.change(id, { current: request.currentPassword, next: request.newPassword }, sessionId);
    return {};
  }
}

import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type RequestPasswordResetRequest, type ResetPasswordRequest, Users } from '#libs/contracts';
import { Rpc } from '#libs/service';
import { ResetPassword } from './reset-password.js';
import { ResetRequests } from './reset-requests.js';

@Controller()
export class ResetPasswordHandler {
  constructor(
    private readonly requests: ResetRequests,
    private readonly password: ResetPassword,
  ) {}

  @Rpc(Users.method.requestPasswordReset)
  async request(@Payload() { email }: RequestPasswordResetRequest) {
    await this.requests.take(email);
    return {};
  }

  @Rpc(Users.method.resetPassword)
  async reset(@Payload() { token, password }: ResetPasswordRequest) {
    await this.password.reset(token, password);
    return {};
  }
}

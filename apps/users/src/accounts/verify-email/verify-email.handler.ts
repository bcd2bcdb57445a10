import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type SendVerificationRequest, Users, type VerifyEmailRequest } from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Rpc } from '#libs/service';
import { Accounts } from '../accounts.js';
import { EmailVerification } from './email-verification.js';

@Controller()
export class VerifyEmailHandler {
  constructor(
    private readonly accounts: Accounts,
    private readonly verification: EmailVerification,
  ) {}

  @Rpc(Users.method.sendVerification)
  async send(@Payload() _: SendVerificationRequest, @CurrentPrincipal() principal: Principal) {
    await this.verification.sendAgain(await this.accounts.find(principal.subject));
    return {};
  }

  @Rpc(Users.method.verifyEmail)
  async verify(@Payload() { token }: VerifyEmailRequest) {
    await this.verification.verify(token);
    return {};
  }
}

import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type CreateUserRequest, type GetMeRequest, type UserSchema, Users } from '#libs/contracts';
import { CurrentPrincipal, type Principal } from '#libs/identity';
import { Rpc } from '#libs/service';
import { Accounts } from './accounts.js';
import { toProto } from './user.js';

type UserAnswer = MessageInitShape<typeof UserSchema>;

@Controller()
export class AccountsController {
  constructor(private readonly accounts: Accounts) {}

  @Rpc(Users.method.createUser)
  async createUser(@Payload() { email, password, name }: CreateUserRequest): Promise<UserAnswer> {
    return toProto(await this.accounts.signUp({ email, password, name, roles: ['CUSTOMER'], demo: false }));
  }

  @Rpc(Users.method.getMe)
  async getMe(@Payload() _: GetMeRequest, @CurrentPrincipal() principal: Principal): Promise<UserAnswer> {
    return toProto(await this.accounts.find(principal.subject));
  }
}
